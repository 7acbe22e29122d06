"""Reading the registry: what there is, what holds a stage, what happened. Git alone: no ML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pennon.flows.versions.events import EventRow, moment, rows
from pennon.git import Repo
from pennon.registry import (
    Event,
    Manifest,
    Reference,
    Registration,
    Version,
    read_model,
    registration,
    registrations,
    resolve,
)

if TYPE_CHECKING:
    from pennon.registry.summary import Summary


class VersionRow(msgspec.Struct, frozen=True):
    """One line of `pennon show MODEL`."""

    version: str
    stages: tuple[str, ...]
    at: str
    by: str
    commit: str
    metrics: dict[str, float]


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
    from pennon.registry.summary import summaries  # noqa: PLC0415  which and history need none

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
        at=moment(event),
        by=event.tagger,
        manifest=registration(state, version).manifest,
    )


def history(repo: Repo, model: str) -> list[EventRow]:
    """Every event of a model, oldest first."""
    return rows(read_model(repo, model).events)


def _version_row(event: Event, stages: tuple[str, ...], payload: Registration | None) -> VersionRow:
    metrics = payload.manifest.metrics if payload else {}
    return VersionRow(
        version=str(event.version),
        stages=stages,
        at=moment(event),
        by=payload.manifest.run.actor if payload else event.tagger,
        commit=event.commit,
        metrics={name: measured.value for name, measured in metrics.items()},
    )
