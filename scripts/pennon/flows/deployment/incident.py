"""The incident issue of a model: what was left, what it went to, and what is to be done.

It is told after the fact: where the forge takes no issue the rollback stands, with a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pennon.errors import PennonError
from pennon.flows.deployment.healthy import Records
from pennon.flows.versions.events import moment
from pennon.flows.world import World
from pennon.forge import DeploymentState
from pennon.forge.ticket import opened, ticket
from pennon.registry import Event, ModelState, Version, assignments
from pennon.registry.grammar import parse
from pennon.report.incident import Earlier, Incident, Live, Promotion, incident, promotion

if TYPE_CHECKING:
    from pennon.flows.assignment.assign import Assigned
    from pennon.flows.deployment.rolledback import RolledBack

EARLIER = 5
"""Rollbacks before this one that the issue lists."""


@dataclass(frozen=True)
class Told:
    """What there is to tell beside the rollback itself: where its versions ran, and who asked."""

    records: list[Records]
    automatic: bool = False


def told(world: World, left: ModelState, done: RolledBack, more: Told) -> str:
    """Open the model's incident, or bring it up to date: its address, else its number.

    `left` is the ledger before the rollback. Empty, with a warning, where it cannot be written.
    """
    try:
        view = _view(world, left, done, more)
        title = f"{done.model}: {done.previous} was rolled back to {done.version}"
        found = ticket(
            world.forge, _key(done.model), title, incident(view), order=_number(done.tag)
        )
    except PennonError as error:
        what = f"the rollback is done; its incident issue was not written: {error}"
        world.say(what)
        world.runner.annotate("warning", what)
        return ""
    return found.url or f"#{found.comment}"


def completed(world: World, left: ModelState, done: RolledBack, more: Told) -> None:
    """The same for a rollback that was cut short before it could tell, if no issue is open."""
    try:
        there = opened(world.forge, _key(done.model))
    except PennonError as error:
        world.say(f"whether an incident of {done.model} is open was not looked at: {error.what}")
        return
    if there is None:
        told(world, left, done, more)


def noted(world: World, done: Assigned) -> None:
    """A promotion says in an open incident of its model that it happened; nothing depends on it."""
    try:
        there = opened(world.forge, _key(done.model))
        if there is None:
            return
        text = promotion(
            Promotion(
                model=done.model,
                version=done.version,
                stage=done.stage,
                tag=done.tag,
                actor=world.actor,
                reason=done.reason,
                run=world.runner.run_url,
            )
        )
        if all(done.tag not in it.body for it in world.forge.comments(there.number)):
            world.forge.create_comment(there.number, text)
    except PennonError as error:
        world.say(f"whether an incident of {done.model} is open was not looked at: {error.what}")


def _key(model: str) -> str:
    return f"{model}/incident"


def _number(tag: str) -> int:
    """Of the event: who knows of a later one knows more."""
    name = parse(tag)
    return (name.counter if name else None) or 0


def _view(world: World, left: ModelState, done: RolledBack, more: Told) -> Incident:
    event = left.stages[done.stage]
    return Incident(
        model=done.model,
        stage=done.stage,
        previous=str(done.previous),
        version=done.version,
        reason=done.reason,
        actor=world.actor,
        automatic=more.automatic,
        at=world.timestamp(),
        tag=done.tag,
        run=world.runner.run_url,
        since=moment(event),
        since_tag=event.tag,
        live=_live(event, more.records),
        basis=done.basis,
        skipped=tuple((it.version, it.why) for it in done.skipped),
        runs=tuple((it.environment, it.version, it.url or it.why) for it in done.runs),
        earlier=_earlier(left, done.stage),
    )


def _live(event: Event, records: list[Records]) -> tuple[Live, ...]:
    """Where the version that was left ran, and since when."""
    version = Version(str(event.version))
    found = [(it.environment, it.of(version)) for it in records]
    return tuple(
        Live(environment=name, at=it.at, healthy=it.state is DeploymentState.SUCCESS)
        for name, it in found
        if it is not None
    )


def _earlier(left: ModelState, stage: str) -> tuple[Earlier, ...]:
    """The newest first."""
    events = left.assignments(stage)
    made = assignments(events)
    found: list[Earlier] = []
    before: Event | None = None
    for event in events:
        payload = made[event.oid]
        if payload is not None and payload.rollback:
            found.append(
                Earlier(
                    at=moment(event),
                    previous=str(before.version) if before else "",
                    version=str(event.version),
                    actor=payload.actor,
                    reason=payload.reason,
                    tag=event.tag,
                )
            )
        before = event
    return tuple(found[::-1][:EARLIER])
