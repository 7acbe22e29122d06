"""The next step of a rollout, its end, and its abortion: events of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from pennon.config.rollout import Mode
from pennon.errors import ConfigError, PennonError, RefusedError, RegistryError
from pennon.evaluation.rollout import Decision
from pennon.flows.assignment.assign import Ask as Assign
from pennon.flows.assignment.assign import Then, steps, then
from pennon.flows.assignment.settle import until_settled
from pennon.flows.deployment.follow import followed
from pennon.flows.promote import promote
from pennon.flows.retire import retire
from pennon.flows.rollout.status import Known, Sources, known, seen, status
from pennon.flows.steps import apply
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Assignment, ModelState, Reference, Version, read_remote
from pennon.registry.payload import Traffic
from pennon.report.rollout import Status
from pennon.targets import Splits, splits


class Verb(StrEnum):
    STATUS = "status"
    ADVANCE = "advance"
    ABORT = "abort"


class Do(StrEnum):
    """What was done."""

    READ = "read"
    WAITED = "waited"
    BEGAN = "began"
    WENT_ON = "went on"
    PROMOTED = "promoted"
    ABORTED = "aborted"
    ENDED = "ended"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """`if_decided`: do nothing where there is nothing to do. A `reason` goes on without proof."""

    model: str
    reason: str = ""
    if_decided: bool = False
    then: Then = Then.NOTHING
    dry_run: bool = False


class Advanced(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, why, and where the rollout stood when that was decided."""

    model: str
    did: Do
    why: str
    tags: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    status: Status


def rollout(world: World, verb: Verb, asks: Sequence[Ask], sources: Sources) -> list[Advanced]:
    """Each in its turn. An error of one keeps no other from its own; the first is raised then."""
    found: list[Advanced] = []
    errors: list[PennonError] = []
    for ask in asks:
        try:
            found.append(_one(world, verb, ask, sources))
        except PennonError as error:
            errors.append(error)
            if len(errors) > 1:
                world.say(f"{ask.model}: {error}")
    if errors:
        raise errors[0]
    return found


def _one(world: World, verb: Verb, ask: Ask, sources: Sources) -> Advanced:
    match verb:
        case Verb.STATUS:
            found = status(world, ask.model, sources)
            return Advanced(model=ask.model, did=Do.READ, why=found.why, status=found)
        case Verb.ADVANCE:
            return advance(world, ask, sources)
        case Verb.ABORT:
            return abort(world, ask)


def advance(world: World, ask: Ask, sources: Sources) -> Advanced:
    """Begin, go on, promote or abort, as the log says.

    Raises RefusedError where it says wait (a reason overrules that), or that the split is broken,
    and where the gates refuse what would be promoted.
    """
    state, _ = read_remote(world.repo, ask.model)
    it = known(world, ask.model, state)
    found = seen(world, it, sources)
    if it.running is None:
        return _without(world, ask, it, found)
    match found.decision:
        case Decision.ABORT:
            return _out(world, ask, found, (Do.ABORTED, found.why))
        case Decision.PROMOTE:
            return _promote(world, ask, it, (found, found.why))
        case Decision.ADVANCE:
            return _step(world, ask, it, found)
        case Decision.BROKEN:
            raise RefusedError(
                f"{ask.model}: {found.why}",
                hint=f"pennon rollout abort {ask.model} --reason …, then begin again",
            )
        case Decision.WAIT:
            return _overruled(world, ask, it, found)


def abort(world: World, ask: Ask) -> Advanced:
    """Take the challenger out of its stage, for whatever reason is given: nothing brings it back.

    Raises RegistryError where no version ever was in that stage.
    """
    state, _ = read_remote(world.repo, ask.model)
    found = seen(world, known(world, ask.model, state), Sources())
    return _out(world, ask, found, (Do.ABORTED, ask.reason))


def _without(world: World, ask: Ask, it: Known, found: Status) -> Advanced:
    """No rollout runs. Only people begin one: a schedule would bring back what was rolled back."""
    if found.version and found.version == found.live:
        return _out(world, ask, found, (Do.ENDED, f"{found.live} is live"))
    if ask.if_decided:
        return Advanced(model=ask.model, did=Do.WAITED, why=found.why, status=found)
    if found.version is None or found.live is None:
        raise RegistryError(f"{ask.model}: {found.why}", hint="docs/rollout.md, Begin")
    _refuse_elsewhere(ask, it)
    if it.plan.mode is not Mode.SHADOW:
        promote(world, _end(ask, it, found, "asked before the first request"), dry_run=True)
    return _step(world, ask, it, found)


def _refuse_elsewhere(ask: Ask, it: Known) -> None:
    """Where no server of ours splits the traffic a step would be a word without a deed."""
    place = it.config.project.environments[it.plan.environment]
    who = splits(place.target, place.settings)
    if who is not Splits.SERVER:
        by = "Argo Rollouts" if who is Splits.ENGINE else "no server of pennon"
        raise ConfigError(
            f"{ask.model}: {by} splits the traffic of {it.plan.environment} ({place.target})",
            hint=f"pennon promote {ask.model}, and the engine there takes the steps of rollout.yaml"
            if who is Splits.ENGINE
            else "docs/rollout.md says where a rollout works",
        )


def _overruled(world: World, ask: Ask, it: Known, found: Status) -> Advanced:
    if ask.if_decided:
        return Advanced(model=ask.model, did=Do.WAITED, why=found.why, status=found)
    if not ask.reason:
        raise RefusedError(
            f"{ask.model}: {found.why}",
            hint="wait, or say why it shall go on all the same: --reason",
        )
    if found.step == found.steps:
        return _promote(world, ask, it, (found, ask.reason))
    return _step(world, ask, it, found)


def _step(world: World, ask: Ask, it: Known, found: Status) -> Advanced:
    """One more assignment of the same version to the same stage, with the next share."""
    number = found.step + 1
    share = it.plan.steps[number - 1].share
    traffic = Traffic(step=number, share=share, live=str(found.live), plan=it.digest)
    said = f"{it.plan.mode}: step {number} of {found.steps}, {share:.4g} of the requests"
    reason = f"{said} ({ask.reason})" if ask.reason else said
    asked = Assign(
        model=ask.model, stage=it.plan.stage, version=found.version, reason=reason, then=ask.then
    )
    written = until_settled(world, lambda: _write(world, asked, it, traffic, dry_run=ask.dry_run))
    did = Do.WENT_ON if found.step else Do.BEGAN
    tag, done = written
    return Advanced(model=ask.model, did=did, why=reason, tags=(tag,), steps=done, status=found)


def _write(
    world: World, asked: Assign, it: Known, traffic: Traffic, *, dry_run: bool
) -> tuple[str, tuple[str, ...]]:
    state, head = read_remote(world.repo, asked.model)
    _refuse_moved(it.state, state, it)
    version = Version(str(asked.version))
    assignment = Assignment(
        version=str(version),
        stage=asked.stage,
        reason=asked.reason,
        actor=world.actor,
        artifact=manifest(state, version).artifact,
        traffic=traffic,
    )
    event, follow = steps(world, asked, (state, head), assignment)
    if not dry_run:
        apply(world, [event, *follow])
    return event.event.name(state), tuple(map(str, [event, *follow]))


def _refuse_moved(before: ModelState, now: ModelState, it: Known) -> None:
    """Whoever holds the two stages, and by which event: what was decided was about them."""
    for stage in (it.plan.stage, it.live_stage):
        was, is_now = before.stages.get(stage), now.stages.get(stage)
        if (was and was.oid) != (is_now and is_now.oid):
            raise RefusedError(
                f"somebody wrote {is_now.tag if is_now else f'that nobody is {stage}'} meanwhile",
                hint=f"look again: pennon rollout status {now.model}",
            )


def _promote(world: World, ask: Ask, it: Known, what: tuple[Status, str]) -> Advanced:
    """Through the gates; the stage is emptied before anything is deployed."""
    found, why = what
    end = _end(ask, it, found, why)
    done = promote(world, end, dry_run=ask.dry_run)
    left = retire(world, Reference(ask.model, stage=it.plan.stage), why, dry_run=ask.dry_run)
    follow = then(world, msgspec.structs.replace(end, then=ask.then))
    if not ask.dry_run:
        apply(world, follow)
    done = followed(world, msgspec.structs.replace(end, then=ask.then), done, dry_run=ask.dry_run)
    return Advanced(
        model=ask.model,
        did=Do.PROMOTED,
        why=why,
        tags=(done.tag, *left.tags),
        steps=(*done.steps, *left.steps, *map(str, follow)),
        status=found,
    )


def _end(ask: Ask, it: Known, found: Status, why: str) -> Assign:
    return Assign(model=ask.model, stage=it.live_stage, version=found.version, reason=why)


def _out(world: World, ask: Ask, found: Status, what: tuple[Do, str]) -> Advanced:
    did, why = what
    left = retire(world, Reference(ask.model, stage=found.stage), why, dry_run=ask.dry_run)
    follow = then(world, Assign(model=ask.model, stage=found.stage, then=ask.then))
    if not ask.dry_run:
        apply(world, follow)
    return Advanced(
        model=ask.model,
        did=did,
        why=left.reason or why,
        tags=left.tags,
        steps=(*left.steps, *map(str, follow)),
        status=found,
    )
