"""Reading the registry: what there is, what holds a stage, what happened. Git alone: no ML."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from pennon.git import Repo
from pennon.registry import (
    Assignment,
    Event,
    Manifest,
    Reference,
    Registration,
    Summary,
    Version,
    assignments,
    read_model,
    registration,
    registrations,
    resolve,
    summaries,
)


class VersionRow(msgspec.Struct, frozen=True):
    """One line of `pennon show MODEL`."""

    version: str
    stages: tuple[str, ...]
    at: str
    by: str
    commit: str
    metrics: dict[str, float]


class EventRow(msgspec.Struct, frozen=True):
    """One line of `pennon history MODEL`."""

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


class Described(msgspec.Struct, frozen=True):
    """A version whole. `manifest` is its lineage as its tag has it."""

    model: str
    version: str
    stages: tuple[str, ...]
    tag: str
    oid: str
    commit: str
    at: str
    by: str
    manifest: Manifest


def show(repo: Repo) -> list[Summary]:
    """Every model that has a registry tag, by name."""
    return summaries(repo)


def show_model(repo: Repo, model: str) -> list[VersionRow]:
    """The versions that count, newest first."""
    state = read_model(repo, model)
    held: dict[Version | None, list[str]] = {}
    for stage, event in sorted(state.stages.items()):
        held.setdefault(event.version, []).append(stage)
    payloads = registrations(state.versions.values())
    return [
        _version_row(event, tuple(held.get(version, ())), payloads[event.oid])
        for version, event in reversed(state.versions.items())
    ]


def describe(repo: Repo, wanted: Reference) -> Described:
    """Raises RegistryError for an unknown version, and for one whose tag has no manifest."""
    state, version = resolve(repo, wanted)
    event = state.find(version)
    stages = sorted(stage for stage, held in state.stages.items() if held.version == version)
    return Described(
        model=state.model,
        version=str(version),
        stages=tuple(stages),
        tag=event.tag,
        oid=event.oid,
        commit=event.commit,
        at=_at(event),
        by=event.tagger,
        manifest=registration(state, version).manifest,
    )


def history(repo: Repo, model: str) -> list[EventRow]:
    """Every event of a model, oldest first."""
    state = read_model(repo, model)
    moved = assignments(state.events)
    made = registrations(state.events)
    return [_event_row(event, moved.get(event.oid), made.get(event.oid)) for event in state.events]


def _version_row(event: Event, stages: tuple[str, ...], payload: Registration | None) -> VersionRow:
    metrics = payload.manifest.metrics if payload else {}
    return VersionRow(
        version=str(event.version),
        stages=stages,
        at=_at(event),
        by=payload.manifest.run.actor if payload else event.tagger,
        commit=event.commit,
        metrics={name: measured.value for name, measured in metrics.items()},
    )


def _event_row(event: Event, payload: Assignment | None, made: Registration | None) -> EventRow:
    kind = "roll back" if payload and payload.rollback else str(event.name.kind)
    actor = payload.actor if payload else made.manifest.run.actor if made else event.tagger
    return EventRow(
        at=_at(event),
        event=kind,
        version=str(event.version or ""),
        stage=event.name.stage,
        by=actor,
        why=payload.reason if payload else "",
        verdict=payload.verdict if payload else "",
        tag=event.tag,
        oid=event.oid,
        commit=event.commit,
    )


def _at(event: Event) -> str:
    return datetime.fromtimestamp(event.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
