"""Events in order, and what they add up to: versions, stages, findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pennon.errors import RegistryError
from pennon.registry.grammar import EventKind, EventName, Version


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One registry tag: the name taken apart, and what git knows of the tag object."""

    name: EventName
    tag: str
    oid: str
    commit: str
    seconds: int
    tagger: str
    version: Version | None  # which version it is about, once payload or commit have told

    @property
    def order(self) -> tuple[int, int, str]:
        """(tagger date, counter, ref name): every reader of a registry agrees on this."""
        return (self.seconds, self.name.counter or 0, self.tag)


class Finding(msgspec.Struct, frozen=True):
    """A tag that looks like the registry's and cannot count, with its reason and the way out."""

    tag: str
    what: str
    fix: str


class ModelState(msgspec.Struct, frozen=True):
    """All that is known of one model. `events` are in order; `stages` holds the current holders."""

    model: str
    events: tuple[Event, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def last(self) -> Event | None:
        return self.events[-1] if self.events else None

    @property
    def counter(self) -> int:
        """The highest number on any of the model's tags; 0 where there is none."""
        return max((event.name.counter or 0 for event in self.events), default=0)

    @property
    def versions(self) -> dict[Version, Event]:
        """Registered and not retired, lowest first."""
        found: dict[Version, Event] = {}
        for event in self.events:
            if event.version is None:
                continue
            if event.name.kind is EventKind.REGISTER:
                found[event.version] = event
            elif event.name.kind is EventKind.RETIRE:
                found.pop(event.version, None)
        return dict(sorted(found.items()))

    @property
    def stages(self) -> dict[str, Event]:
        """Stage -> the assignment that holds it now. A retired version holds none."""
        held: dict[str, Event] = {}
        for event in self.events:
            if event.name.kind is EventKind.ASSIGN:
                held[event.name.stage] = event
            elif event.name.kind is EventKind.UNASSIGN:
                held.pop(event.name.stage, None)
        alive = self.versions
        return {stage: event for stage, event in held.items() if event.version in alive}

    def holder(self, stage: str) -> Version | None:
        event = self.stages.get(stage)
        return event.version if event else None

    def assignments(self, stage: str) -> list[Event]:
        """Every assignment to the stage there ever was, oldest first."""
        return [e for e in self.events if (e.name.kind, e.name.stage) == (EventKind.ASSIGN, stage)]

    def find(self, version: Version) -> Event:
        """The registration of a version that still counts. Raises RegistryError."""
        event = self.versions.get(version)
        if event is not None:
            return event
        known = ", ".join(str(v) for v in self.versions) or "none"
        retired = any(e.version == version for e in self.events)
        what = "is retired" if retired else "is not registered"
        raise RegistryError(f"{self.model}@{version} {what}", hint=f"its versions are: {known}")


def replay(model: str, events: Iterable[Event], findings: Iterable[Finding] = ()) -> ModelState:
    return ModelState(model, tuple(sorted(events, key=lambda e: e.order)), tuple(findings))


def previous_holders(state: ModelState, stage: str) -> Iterator[Version]:
    """The versions that held the stage before the current one, newest first, each once."""
    current = state.holder(stage)
    seen = {current}
    for event in reversed(state.assignments(stage)):
        if (
            event.version is not None
            and event.version not in seen
            and event.version in state.versions
        ):
            seen.add(event.version)
            yield event.version
