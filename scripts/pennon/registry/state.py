"""Events in order, and what they add up to: versions, stages, findings. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from pennon.errors import RegistryError
from pennon.registry.grammar import EventKind, EventName, Version, parse, tag_name

_PLAIN = (EventKind.REGISTER, EventKind.RETIRE, EventKind.RETIRE_MODEL)
_LISTED_BY_GTO = (
    EventKind.RETIRE_MODEL,
    EventKind.REGISTER,
    EventKind.RETIRE,
    EventKind.ASSIGN,
    EventKind.UNASSIGN,
)
_RANKS = {kind: rank for rank, kind in enumerate(_LISTED_BY_GTO)}

_SIGNATURE = re.compile(rb"^-----BEGIN (?:PGP|SSH|SIGNED) ", re.MULTILINE)


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One registry tag: the name taken apart, and what git knows of the tag object."""

    name: EventName
    tag: str
    oid: str
    commit: str
    seconds: int
    tagger: str
    version: Version | None  # which version it is about, once payload or commit have told
    body: bytes = b""  # the tag's message, and the signature where there is one

    @property
    def message(self) -> str:
        """What the tag says, without a signature."""
        found = _SIGNATURE.search(self.body)
        body = self.body[: found.start()] if found else self.body
        return body.decode(errors="replace")

    @property
    def is_signed(self) -> bool:
        return _SIGNATURE.search(self.body) is not None

    @property
    def order(self) -> tuple[int, int, int, str]:
        """By tagger date; within a second by counter, then as GTO lists kinds, then by name."""
        return (self.seconds, self.name.counter or 0, _RANKS[self.name.kind], self.tag)


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
        """The highest number on any of the model's tags, sound or not; 0 where there is none."""
        names = [event.name for event in self.events]
        names += [name for finding in self.findings if (name := parse(finding.tag))]
        return max((name.counter or 0 for name in names), default=0)

    def next_name(self, kind: EventKind, version: Version | None, stage: str = "") -> EventName:
        """The next event's: numbered where GTO does so, and where the plain name is taken."""
        plain = EventName(kind=kind, model=self.model, version=version, stage=stage)
        taken = {event.tag for event in self.events} | {finding.tag for finding in self.findings}
        if kind in _PLAIN and tag_name(plain) not in taken:
            return plain
        return msgspec.structs.replace(plain, counter=self.counter + 1)

    @property
    def retired(self) -> bool:
        """The model itself is retired, until its next event."""
        return self.last is not None and self.last.name.kind is EventKind.RETIRE_MODEL

    @property
    def versions(self) -> dict[Version, Event]:
        """Registered and not retired, lowest first; of equal rank the newer one is higher."""
        since: dict[Version, int] = {}
        found: dict[Version, Event] = {}
        for event in self.events:
            version = event.name.version  # a stage's version comes from elsewhere
            if version is None:
                continue
            since.setdefault(version, len(since))
            found.pop(version, None)
            if event.name.kind is EventKind.REGISTER:
                found[version] = event
        return {v: found[v] for v in sorted(found, key=lambda v: (v.precedence, since[v]))}

    @property
    def latest(self) -> Version | None:
        """The highest version that counts."""
        return next(reversed(self.versions), None)

    @property
    def stages(self) -> dict[str, Event]:
        """Stage -> the assignment that holds it now: the newest that stands."""
        return {event.name.stage: event for event in self._standing()}

    def standing(self, stage: str) -> list[Event]:
        """The assignments that nothing has undone, newest first: the first one holds the stage."""
        return [event for event in self._standing() if event.name.stage == stage][::-1]

    def _standing(self) -> list[Event]:
        """The newest assignment of each version to each stage, unless it left or is retired."""
        found: dict[tuple[str, Version | None], Event] = {}
        for event in self.events:
            key = (event.name.stage, event.version)
            if event.name.kind in (EventKind.ASSIGN, EventKind.UNASSIGN):
                found.pop(key, None)
            if event.name.kind is EventKind.ASSIGN:
                found[key] = event
        alive = self.versions
        return [event for event in found.values() if event.version in alive]

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
