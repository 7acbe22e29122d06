"""The events of a model as people read them: when, what, who and why, out of tag and payload."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec

from pennon.registry import (
    Assignment,
    Event,
    Registration,
    Retirement,
    assignments,
    registrations,
)
from pennon.registry.payloads import retirements


class EventRow(msgspec.Struct, frozen=True):
    """One line of `pennon history MODEL`. `by` asked for it, `tagger` wrote it: maybe a bot."""

    at: str
    event: str
    version: str
    stage: str
    by: str
    why: str
    verdict: str  # digest of what the gates said
    tag: str
    oid: str
    commit: str
    tagger: str
    approvals: tuple[str, ...] = ()


def rows(events: Collection[Event]) -> list[EventRow]:
    """In the order of the events."""
    payloads = {**registrations(events), **assignments(events), **retirements(events)}
    return [_row(event, payloads[event.oid]) for event in events]


def moment(event: Event) -> str:
    """When it was written: RFC 3339, UTC."""
    return datetime.fromtimestamp(event.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _row(event: Event, payload: Registration | Assignment | Retirement | None) -> EventRow:
    by, why = _asked(payload)
    made = payload if isinstance(payload, Assignment) else None
    return EventRow(
        at=moment(event),
        event="roll back" if made and made.rollback else str(event.name.kind),
        version=str(event.version or ""),
        stage=event.name.stage,
        by=by or event.tagger,
        why=why,
        verdict=made.verdict if made else "",
        tag=event.tag,
        oid=event.oid,
        commit=event.commit,
        tagger=event.tagger,
        approvals=made.approvals if made else (),
    )


def _asked(payload: Registration | Assignment | Retirement | None) -> tuple[str, str]:
    """Who asked for it, and why; empty where the tag does not tell."""
    if payload is None:
        return "", ""
    if isinstance(payload, Registration):
        return payload.manifest.run.actor, payload.why
    return payload.actor, payload.reason
