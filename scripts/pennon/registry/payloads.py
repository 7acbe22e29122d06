"""The payloads of a model's events, parsed when somebody asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pennon.errors import RegistryError
from pennon.registry.grammar import EventKind, Version
from pennon.registry.payload import Assignment, P, Registration, Retirement, parse
from pennon.registry.state import Event, ModelState


def registration(state: ModelState, version: Version) -> Registration:
    """The payload of a version. Raises RegistryError for a tag made by hand without one."""
    event = state.find(version)
    return parse(event.message, Registration, event.tag)


def registrations(events: Iterable[Event]) -> dict[str, Registration | None]:
    """Tag object id -> the payload of a version; None where the tag has none."""
    return _payloads(events, {EventKind.REGISTER}, Registration)


def assignments(events: Iterable[Event]) -> dict[str, Assignment | None]:
    """Tag object id -> the payload of an assignment; None where the tag has none."""
    return _payloads(events, {EventKind.ASSIGN}, Assignment)


def retirements(events: Iterable[Event]) -> dict[str, Retirement | None]:
    """Tag object id -> the payload of whatever ends something; None where the tag has none."""
    kinds = {EventKind.RETIRE, EventKind.UNASSIGN, EventKind.RETIRE_MODEL}
    return _payloads(events, kinds, Retirement)


def _payloads(
    events: Iterable[Event], kinds: Collection[EventKind], kind: type[P]
) -> dict[str, P | None]:
    found: dict[str, P | None] = {}
    for event in events:
        if event.name.kind not in kinds:
            continue
        try:
            found[event.oid] = parse(event.message, kind, event.tag)
        except RegistryError:
            found[event.oid] = None
    return found
