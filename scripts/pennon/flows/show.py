"""Reading the registry: what there is, what holds a stage, what happened. No forge, no ML."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from pennon.flows.world import World
from pennon.registry import (
    Assignment,
    Event,
    Finding,
    ModelState,
    Registration,
    Version,
    assignments,
    read,
    read_model,
    registrations,
)


class ModelRow(msgspec.Struct, frozen=True):
    """One line of `pennon show`."""

    model: str
    latest: str | None
    versions: int
    stages: dict[str, str]
    findings: tuple[Finding, ...] = ()


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
    tag: str
    oid: str
    commit: str


def show(world: World) -> list[ModelRow]:
    return [_model_row(state) for state in read(world.repo).values()]


def show_model(world: World, model: str) -> list[VersionRow]:
    """The versions that count, newest first."""
    state = read_model(world.repo, model)
    held: dict[Version | None, list[str]] = {}
    for stage, event in sorted(state.stages.items()):
        held.setdefault(event.version, []).append(stage)
    payloads = registrations(world.repo, state.versions.values())
    return [
        _version_row(event, tuple(held.get(version, ())), payloads[event.oid])
        for version, event in reversed(state.versions.items())
    ]


def history(world: World, model: str) -> list[EventRow]:
    """Every event of a model, oldest first."""
    state = read_model(world.repo, model)
    moved = assignments(world.repo, state.events)
    made = registrations(world.repo, state.events)
    return [_event_row(event, moved.get(event.oid), made.get(event.oid)) for event in state.events]


def _model_row(state: ModelState) -> ModelRow:
    latest = str(max(state.versions)) if state.versions else None
    stages = {stage: str(event.version) for stage, event in sorted(state.stages.items())}
    return ModelRow(state.model, latest, len(state.versions), stages, state.findings)


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
        tag=event.tag,
        oid=event.oid,
        commit=event.commit,
    )


def _at(event: Event) -> str:
    return datetime.fromtimestamp(event.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
