"""Give the stage back to the last version that was healthy: one new assignment, no ML, no gates.

Whatever is told to the people afterwards, the assignment comes first.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from pennon.errors import PennonError, RegistryError, TargetError
from pennon.flows.assignment.assign import Ask, Then, checked, steps, then
from pennon.flows.assignment.settle import until_settled
from pennon.flows.deploy import Deployed, deploy
from pennon.flows.deployment.healthy import (
    Places,
    Records,
    Way,
    gone,
    needs_files,
    places_of,
    recorded,
    way_back,
)
from pennon.flows.deployment.incident import Told, completed, told
from pennon.flows.deployment.readable import readable
from pennon.flows.deployment.rolledback import RolledBack
from pennon.flows.steps import apply
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Assignment, Event, ModelState, Version, assignments, read_remote
from pennon.registry import version as parse_version


def rollback(
    world: World, ask: Ask, *, dry_run: bool = False, automatic: bool = False
) -> RolledBack:
    """Raises RegistryError where the stage is empty or there is no healthy version to go back to.

    TargetError where an environment does not become healthy with it; the assignment stands.
    """
    world = readable(world, ask.model)
    config = world.config()
    ask = checked(config, ask)
    places = places_of(config, ask.stage)
    once = _Rollback(world, ask, places, dry_run=dry_run)
    done = until_settled(world, once)
    for it in done.skipped:
        world.say(f"skipped {ask.model}@{it.version}: {it.why}")
    if dry_run:
        return _planned(ask, places, done)
    errors: list[PennonError] = []
    runs = _deployed(world, ask, places, errors)
    done = msgspec.structs.replace(done, runs=runs)
    if once.left:
        records = recorded(world, ask.model, places)[0] if ask.version else once.records
        issue = told(world, once.left, done, Told(records or [], automatic=automatic))
        done = msgspec.structs.replace(done, incident=issue)
    elif once.was:
        records = recorded(world, ask.model, places)[0]
        completed(world, *once.was, Told(records or []))
    if errors:
        raise _failed(done, errors)
    return done


class _Rollback:
    """One command, however often it has to decide: it leaves the version that it found first.

    `left` is the state that it decided on, where it wrote something; `was`, where this command had
    done so before and was cut short, the state before that and what it did.
    """

    def __init__(self, world: World, ask: Ask, places: Places, *, dry_run: bool) -> None:
        self._world = world
        self._ask = ask
        self._places = places
        self._dry_run = dry_run
        self._leaving = str(parse_version(ask.leaving)) if ask.leaving else ""
        self.left: ModelState | None = None
        self.records: list[Records] | None = None
        self.was: tuple[ModelState, RolledBack] | None = None

    def __call__(self) -> RolledBack:
        self.left = None
        state, head = read_remote(self._world.repo, self._ask.model)
        holder = _holder(state, self._ask)
        self._leaving = self._leaving or str(holder)
        if self._is_done(state, holder):
            return self._already(state, holder)
        self.left = state
        return self._write(state, head, self._way(state, holder))

    def _is_done(self, state: ModelState, holder: Version) -> bool:
        """Somebody was faster, or this is the command of one who was cut short or asked twice.

        Once more would leave the good version, and go too far back.
        """
        may_stay = self._ask.version is None or self._ask.leaving
        if may_stay and str(holder) != self._leaving:
            return True
        event = state.stages[self._ask.stage]
        made = assignments([event]).get(event.oid)
        if made is None or not made.rollback:
            return False
        wanted = parse_version(self._ask.version or made.version)
        said = (made.version, made.reason, made.actor)
        if said != (str(wanted), self._ask.reason, self._world.actor):
            return False
        self.was = _done_before(state, self._ask, event)
        return True

    def _already(self, state: ModelState, holder: Version) -> RolledBack:
        event = state.stages[self._ask.stage]
        self._world.say(
            f"{self._ask.model} was rolled back to {holder} already ({event.tag}); "
            "to go further back name a version with --to"
            if not self._ask.leaving
            else f"{holder} is {self._ask.stage} of {self._ask.model}, not {self._leaving}"
        )
        follow = then(self._world, self._ask)
        if not self._dry_run:
            apply(self._world, follow)
        return RolledBack(
            model=self._ask.model,
            stage=self._ask.stage,
            version=str(holder),
            previous=str(holder),
            reason=self._ask.reason,
            tag=event.tag,
            steps=tuple(map(str, follow)),
        )

    def _way(self, state: ModelState, holder: Version) -> Way:
        if self._ask.version:
            return Way(_named(self._world, state, self._ask, self._places), "somebody named it")
        found = way_back(self._world, state, self._ask.stage, self._places)
        self.records = found.records
        if found.version is None:
            raise _nowhere(state, holder, self._ask, found)
        return found

    def _write(self, state: ModelState, head: str, way: Way) -> RolledBack:
        assert way.version is not None  # noqa: S101  `_way` asked
        assignment = Assignment(
            version=str(way.version),
            stage=self._ask.stage,
            reason=self._ask.reason,
            actor=self._world.actor,
            artifact=manifest(state, way.version).artifact,
            rollback=True,
        )
        event, follow = steps(self._world, self._ask, (state, head), assignment)
        if not self._dry_run:
            apply(self._world, [event, *follow])
        return RolledBack(
            model=self._ask.model,
            stage=self._ask.stage,
            version=str(way.version),
            previous=str(state.holder(self._ask.stage)),
            reason=self._ask.reason,
            tag=event.event.name(state),
            steps=tuple(map(str, [event, *follow])),
            basis=way.basis,
            skipped=way.skipped,
        )


def _done_before(state: ModelState, ask: Ask, event: Event) -> tuple[ModelState, RolledBack]:
    """The ledger as it was before the event, and the event as what it was when it was written."""
    left = ModelState(state.model, state.events[: state.events.index(event)])
    done = RolledBack(
        model=ask.model,
        stage=ask.stage,
        version=str(event.version),
        previous=str(left.holder(ask.stage)),
        reason=ask.reason,
        tag=event.tag,
    )
    return left, done


def _holder(state: ModelState, ask: Ask) -> Version:
    holder = state.holder(ask.stage)
    if holder is None:
        raise RegistryError(
            f"no version of {ask.model} holds the stage {ask.stage}",
            hint=f"there is nothing to roll back from: pennon history {ask.model}",
        )
    return holder


def _named(world: World, state: ModelState, ask: Ask, places: Places) -> Version:
    """The version of `--to`, whatever became of it; but it has to be there."""
    version = parse_version(ask.version or "")
    state.find(version)
    if version == state.holder(ask.stage):
        raise RegistryError(
            f"{ask.model}@{version} holds the stage {ask.stage} already",
            hint="name another version with --to",
        )
    if needs_files(places) and (why := gone(world, state, version)):
        raise RegistryError(
            f"{ask.model}@{version} cannot be deployed: {why}",
            hint="restore it, or name another version with --to",
        )
    return version


def _nowhere(state: ModelState, holder: Version, ask: Ask, way: Way) -> RegistryError:
    if not way.skipped:
        return RegistryError(
            f"{holder} is the first {ask.stage} of {ask.model}: there is none before it",
            hint="name a registered version with --to",
        )
    lines = "".join(f"\n  {it.version}: {it.why}" for it in way.skipped)
    return RegistryError(
        f"no version before {holder} is known to be a healthy {ask.stage} of {state.model}{lines}",
        hint="name one with --to, if you know better",
    )


def _deployed(
    world: World, ask: Ask, places: Places, errors: list[PennonError]
) -> tuple[Deployed, ...]:
    """Each environment, whatever becomes of another one: it is asked until it answers so."""
    if ask.then is not Then.DEPLOY:
        return ()
    found: list[Deployed] = []
    settled = replace(world, remember={}, open_forge=lambda: world.forge)
    for name in places:
        try:
            found += deploy(settled, name, ask.model)
        except PennonError as error:
            world.say(f"{name}: {error}")
            errors.append(error)
    return tuple(found)


def _failed(done: RolledBack, errors: list[PennonError]) -> PennonError:
    first = errors[0]
    return TargetError(
        f"{done.model}@{done.version} is {done.stage} ({done.tag}), and not deployed: {first.what}",
        hint=first.hint,
    )


def _planned(ask: Ask, places: Places, done: RolledBack) -> RolledBack:
    if ask.then is not Then.DEPLOY or not places:
        return done
    step = f"deploy {ask.model} to {', then '.join(places)}"
    return msgspec.structs.replace(done, steps=(*done.steps, step))
