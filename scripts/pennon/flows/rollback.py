"""Give the stage back to the version that held it before: one new assignment, no ML, no gates."""

from __future__ import annotations

from pennon.errors import RegistryError
from pennon.flows.assign import Ask, Assigned, checked, steps, then
from pennon.flows.follow import followed
from pennon.flows.release import manifest
from pennon.flows.settle import until_settled
from pennon.flows.steps import apply
from pennon.flows.world import World
from pennon.registry import Assignment, ModelState, Version, assignments, read_remote
from pennon.registry import version as parse_version


def rollback(world: World, ask: Ask, *, dry_run: bool = False) -> Assigned:
    """Raises RegistryError where the stage is empty or there is no version to go back to."""
    ask = checked(world.config(), ask)
    done = until_settled(world, _Rollback(world, ask, dry_run=dry_run))
    return followed(world, ask, done, dry_run=dry_run)


class _Rollback:
    """One command, however often it has to decide: it leaves the version that it found first."""

    def __init__(self, world: World, ask: Ask, *, dry_run: bool) -> None:
        self._world = world
        self._ask = ask
        self._dry_run = dry_run
        self._leaving = ""

    def __call__(self) -> Assigned:
        state, head = read_remote(self._world.repo, self._ask.model)
        holder = _holder(state, self._ask)
        self._leaving = self._leaving or str(holder)
        if self._is_done(state, holder):
            return self._already(state, holder)
        return self._write(state, head, _target(state, self._ask))

    def _is_done(self, state: ModelState, holder: Version) -> bool:
        """Somebody was faster, or this is the command of one who was cut short or asked twice.

        Once more would leave the good version, and go too far back.
        """
        if self._ask.version is None and str(holder) != self._leaving:
            return True
        event = state.stages[self._ask.stage]
        made = assignments([event]).get(event.oid)
        if made is None or not made.rollback:
            return False
        wanted = parse_version(self._ask.version or made.version)
        said = (made.version, made.reason, made.actor)
        return said == (str(wanted), self._ask.reason, self._world.actor)

    def _already(self, state: ModelState, holder: Version) -> Assigned:
        event = state.stages[self._ask.stage]
        self._world.say(
            f"{self._ask.model} was rolled back to {holder} already ({event.tag}); "
            "to go further back name a version with --to"
        )
        follow = then(self._world, self._ask)
        if not self._dry_run:
            apply(self._world, follow)
        return Assigned(
            model=self._ask.model,
            stage=self._ask.stage,
            version=str(holder),
            previous=str(holder),
            reason=self._ask.reason,
            tag=event.tag,
            steps=tuple(map(str, follow)),
        )

    def _write(self, state: ModelState, head: str, version: Version) -> Assigned:
        assignment = Assignment(
            version=str(version),
            stage=self._ask.stage,
            reason=self._ask.reason,
            actor=self._world.actor,
            artifact=manifest(state, version).artifact,
            rollback=True,
        )
        event, follow = steps(self._world, self._ask, (state, head), assignment)
        if not self._dry_run:
            apply(self._world, [event, *follow])
        return Assigned(
            model=self._ask.model,
            stage=self._ask.stage,
            version=str(version),
            previous=str(state.holder(self._ask.stage)),
            reason=self._ask.reason,
            tag=event.event.name(state),
            steps=tuple(map(str, [event, *follow])),
        )


def _holder(state: ModelState, ask: Ask) -> Version:
    holder = state.holder(ask.stage)
    if holder is None:
        raise RegistryError(
            f"no version of {ask.model} holds the stage {ask.stage}",
            hint=f"there is nothing to roll back from: pennon history {ask.model}",
        )
    return holder


def _target(state: ModelState, ask: Ask) -> Version:
    holder = _holder(state, ask)
    if ask.version:
        version = parse_version(ask.version)
        state.find(version)
        if version == holder:
            raise RegistryError(
                f"{ask.model}@{version} holds the stage {ask.stage} already",
                hint="name another version with --to",
            )
        return version
    *_, before = (None, *_held(state, ask.stage))
    if before is None:
        raise RegistryError(
            f"{holder} is the first {ask.stage} of {ask.model}: there is none before it",
            hint="name a registered version with --to",
        )
    return before


def _held(state: ModelState, stage: str) -> list[Version]:
    """The versions to go back to, nearest last: a rollback undoes whatever came after its target.

    So the next one goes further back, never to a version that somebody rolled back from.
    """
    events = state.assignments(stage)
    made = assignments(events)
    held: list[Version] = []
    for event in events:
        if event.version is None:
            continue
        payload = made.get(event.oid)
        if payload is not None and payload.rollback and event.version in held:
            del held[held.index(event.version) :]
        held.append(event.version)
    others = state.versions.keys() - {state.holder(stage)}
    return [version for version in held if version in others]
