"""End the use of a version, of a stage, or of a model: new events, nothing moved or deleted."""

from __future__ import annotations

import msgspec

from pennon.errors import RefusedError, RegistryError
from pennon.flows.assignment.settle import until_settled
from pennon.flows.steps import Append, apply
from pennon.flows.world import World
from pennon.registry import Event, EventKind, ModelState, Reference, Retirement, read_remote
from pennon.registry import version as parse_version
from pennon.registry.grammar import tag_name
from pennon.registry.payloads import retirements
from pennon.registry.write import NewEvent


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """What is out of use, and the tags that say so. No `steps` where they were there before.

    `version` and `stage` are empty for a model. `holder` was given the stage while it was emptied.
    """

    model: str
    version: str = ""
    stage: str = ""
    reason: str
    tags: tuple[str, ...]
    steps: tuple[str, ...] = ()
    holder: str | None = None


def retire(world: World, wanted: Reference, reason: str, *, dry_run: bool = False) -> Retired:
    """Raises RefusedError for what holds a stage, RegistryError for what is not registered."""
    once = _Once(world, _plain(wanted), reason, dry_run=dry_run)
    while (result := until_settled(world, once)) is None:
        pass
    return result


def ending(state: ModelState, wanted: Reference) -> list[Event]:
    """The events whose effect is to end, in this order; none where it has ended. Pure.

    Of a stage all assignments that stand, the holder's last: a version that leaves gives the stage
    back to the one before it, and nobody asked for that one.
    """
    if not state.events:
        raise RegistryError(
            f"no version of {state.model!r} is registered on the remote",
            hint="pennon show lists the models",
        )
    if wanted.version:
        return _version(state, wanted)
    if wanted.stage:
        return _stage(state, wanted.stage)
    return _model(state)


def _version(state: ModelState, wanted: Reference) -> list[Event]:
    version = parse_version(wanted.version)
    if version not in state.versions and _said(state, wanted):
        return []
    event = state.find(version)
    _refuse_held(state, [name for name, held in state.stages.items() if held.version == version])
    return [event]


def _stage(state: ModelState, stage: str) -> list[Event]:
    known = {event.name.stage for event in state.events} - {""}
    if stage not in known:
        raise RegistryError(
            f"no version of {state.model} ever held the stage {stage!r}",
            hint=f"its stages are: {', '.join(sorted(known)) or 'none'}",
        )
    return state.standing(stage)[::-1]


def _model(state: ModelState) -> list[Event]:
    if state.retired:
        return []
    _refuse_held(state, list(state.stages))
    return list(state.events[-1:])


def _refuse_held(state: ModelState, stages: list[str]) -> None:
    """Without its holder a stage would go back to an older version that nobody has chosen."""
    if not stages:
        return
    holders = (f"{state.model}@{state.holder(stage)} is {stage}" for stage in sorted(stages))
    ways = "".join(
        f"\n  pennon promote {state.model} VERSION --stage {stage}"
        f"\n  pennon retire '{state.model}#{stage}' --reason …"
        for stage in sorted(stages)
    )
    raise RefusedError(
        f"what holds a stage is in use: {', '.join(holders)}",
        hint=f"give the stage to another version, or take it from all of them, then retire:{ways}",
    )


def _said(state: ModelState, wanted: Reference) -> Event | None:
    """The newest event that ended it."""
    kind = _kind(wanted)
    version = parse_version(wanted.version) if wanted.version else None
    for event in reversed(state.events):
        if (event.name.kind, event.name.stage) != (kind, wanted.stage):
            continue
        if version in (None, event.version):
            return event
    return None


def _kind(wanted: Reference) -> EventKind:
    if wanted.version:
        return EventKind.RETIRE
    return EventKind.UNASSIGN if wanted.stage else EventKind.RETIRE_MODEL


def _plain(wanted: Reference) -> Reference:
    """`1.4.0` as `v1.4.0`."""
    version = str(parse_version(wanted.version)) if wanted.version else ""
    return msgspec.structs.replace(wanted, version=version)


class _Once:
    """One command, however often it decides: it ends what it found first, an event at a time."""

    def __init__(self, world: World, wanted: Reference, reason: str, *, dry_run: bool) -> None:
        self._world = world
        self._wanted = wanted
        self._reason = reason
        self._dry_run = dry_run
        self._found: frozenset[str] | None = None
        self._tags: list[str] = []
        self._steps: list[str] = []

    def __call__(self) -> Retired | None:
        """None where there is more to do."""
        state, head = read_remote(self._world.repo, self._wanted.model)
        events = self._still(ending(state, self._wanted))
        if not events:
            return self._result(state)
        if self._dry_run:
            self._plan(state, events)
            return self._result(state)
        event = self._new(state, events[0])
        step = Append(event, state, head, self._world.repo.default_branch())
        apply(self._world, [step])
        self._tags.append(event.name(state))
        self._steps.append(str(step))
        return None

    def _still(self, events: list[Event]) -> list[Event]:
        """Whoever was given the stage after we began keeps it."""
        if self._found is None:
            self._found = frozenset(event.oid for event in events)
        return [it for it in events if not self._wanted.stage or it.oid in self._found]

    def _new(self, state: ModelState, it: Event) -> NewEvent:
        kind = _kind(self._wanted)
        version = None if kind is EventKind.RETIRE_MODEL else it.version
        payload = Retirement(
            version=str(version or ""),
            reason=self._reason,
            actor=self._world.actor,
            stage=self._wanted.stage,
        )
        return NewEvent(
            kind=kind,
            model=state.model,
            version=version,
            stage=self._wanted.stage,
            # GTO finds the version by it; that of an assignment may be another one.
            commit=state.find(version).commit if version else it.commit,
            payload=payload,
        )

    def _plan(self, state: ModelState, events: list[Event]) -> None:
        """What would be pushed: each further event of a stage has the next number."""
        version = events[0].version if self._wanted.version else None
        name = state.next_name(_kind(self._wanted), version, self._wanted.stage)
        for i, event in enumerate(events):
            numbered = msgspec.structs.replace(name, counter=(name.counter or 0) + i or None)
            self._tags.append(tag_name(numbered))
            commit = self._new(state, event).commit
            self._steps.append(f"push tag {self._tags[-1]} on {commit[:7]}")

    def _result(self, state: ModelState) -> Retired:
        if not self._steps:
            return self._already(state)
        holder = None if self._dry_run else state.holder(self._wanted.stage)
        result = self._retired(self._reason, tuple(self._tags))
        return msgspec.structs.replace(result, holder=str(holder) if holder else None)

    def _already(self, state: ModelState) -> Retired:
        """Whoever was cut short, or asks twice; the reason is that of the record."""
        said = _said(state, self._wanted)
        if said is None:
            self._world.say(f"nothing to do: no version is {self._wanted.stage}")
            return self._retired("", ())
        payload = retirements([said])[said.oid]
        reason = payload.reason if payload else ""
        self._world.say(f"nothing to do: {said.tag} says so already ({reason or 'no reason'})")
        return self._retired(reason, (said.tag,))

    def _retired(self, reason: str, tags: tuple[str, ...]) -> Retired:
        return Retired(
            model=self._wanted.model,
            version=self._wanted.version,
            stage=self._wanted.stage,
            reason=reason,
            tags=tags,
            steps=tuple(self._steps),
        )
