"""Reads a ledger from first to last and says all that is wrong, beside what was reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from pennon.config import Config
from pennon.evaluation import decide
from pennon.evaluation import digest as verdict_digest
from pennon.flows.promote import UNGATED
from pennon.flows.world import World
from pennon.registry import Event, EventKind, ModelState, assignments, read_remote, registrations
from pennon.registry.audit import chain
from stress.arena import Done, evidence
from worlds import run_git


def faults(here: World, reported: list[Done], clones: list[Path]) -> list[str]:
    """Everything that is not as it must be, a sentence each."""
    config = here.config()
    found: list[str] = []
    for model in config.project.models:
        state, head = read_remote(here.repo, model)
        ours = [done for done in reported if done.model == model]
        found += _lost(state, ours)
        found += _order(state, head)
        found += _decisions(here, config, state, {done.id: done for done in ours})
        found += _releases(here, state)
    return [*found, *_drafts(here), *(fault for clone in clones for fault in _stale(clone))]


def id_of(state: ModelState) -> dict[str, str]:
    """Tag object id -> the id of the operation that its event carries."""
    made, moved = registrations(state.events), assignments(state.events)
    found = {oid: it.manifest.run.url for oid, it in made.items() if it}
    return found | {oid: it.reason for oid, it in moved.items() if it}


def _lost(state: ModelState, reported: list[Done]) -> Iterator[str]:
    written = Counter(id_of(state).values())
    said = {done.id for done in reported if done.wrote}
    tags = {done.id: done.tag for done in reported}
    yield from (f"{it} is lost" for it in sorted(said - set(written)))
    yield from (f"{it} was written, and nobody said so" for it in sorted(set(written) - said))
    yield from (f"{done.id} did nothing, nor did anybody else" for done in reported if done.idle)
    yield from (f"{it} was written {times} times" for it, times in written.items() if times > 1)
    ids = id_of(state)
    for event in state.events:
        if tags.get(ids[event.oid]) != event.tag:
            yield f"{ids[event.oid]} is {event.tag}, and said {tags.get(ids[event.oid])}"


def _order(state: ModelState, head: str) -> Iterator[str]:
    yield from (alarm.what for alarm in chain(state))
    for before, event in pairwise(state.events):
        if event.seconds <= before.seconds:
            yield f"{event.tag} is not later than {before.tag}"
        if f"previous: {before.oid}" not in event.message.replace("'", ""):
            yield f"{event.tag} does not name {before.tag}"
    counters = [e.name.counter for e in state.events if e.name.counter is not None]
    if counters != list(range(1, len(counters) + 1)):
        yield f"the counters of {state.model} are {counters}"
    if state.last and head != state.last.oid:
        yield f"the head ref of {state.model} is not on {state.last.tag}"


def _decisions(
    here: World, config: Config, state: ModelState, reported: dict[str, Done]
) -> Iterator[str]:
    """Was each one taken on the state that it follows, and on no older one?"""
    moved = assignments(state.events)
    for number, event in enumerate(state.events):
        payload = moved.get(event.oid)
        if payload is None or event.version is None:
            continue
        then = msgspec.structs.replace(state, events=state.events[:number])
        holder = then.holder(payload.stage)
        if holder == event.version:
            yield f"{event.tag} gives the stage to who has it"
        if reported[payload.reason].previous != str(holder or ""):
            yield f"{event.tag} was decided against {reported[payload.reason].previous}: {holder}"
        if event.version not in then.versions:
            yield f"{event.tag} is about {event.version}, which was not registered then"
        elif not payload.rollback and payload.stage != UNGATED:
            measured = evidence(here, config, then, version=event.version, champion=holder)
            verdict = decide(measured, config.gates, str(holder) if holder else None)
            if not verdict.passed or verdict_digest(verdict) != payload.verdict:
                yield f"{event.tag} has not the verdict of its moment: {verdict.reason}"


def _releases(here: World, state: ModelState) -> Iterator[str]:
    made = registrations(state.events)
    for event in _registered(state):
        payload = made[event.oid]
        release = here.forge.release(event.tag)
        asset = release.asset("model.skops") if release else None
        if release is None or release.draft or payload is None or asset is None:
            yield f"{event.tag} has no published release"
        elif asset.digest != payload.manifest.artifact:
            yield f"the release {event.tag} holds another version's artifact"


def _registered(state: ModelState) -> list[Event]:
    return [event for event in state.events if event.name.kind is EventKind.REGISTER]


def _drafts(here: World) -> list[str]:
    return [f"{draft.tag} is left" for draft in here.forge.drafts("")]


def _stale(clone: Path) -> list[str]:
    """Tags that this clone has and its remote has not."""
    mine = run_git(clone, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
    theirs = run_git(clone, "ls-remote", "--refs", "--tags", "origin").replace("\t", " ")
    stale = set(mine.splitlines()) - set(theirs.splitlines())
    return [f"{clone.name} has the stale tag {tag}" for tag in sorted(stale)]
