"""A registered version as a folder that can score: its code, its configuration, its artifact."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from pennon.config import PARAMS, PROJECT, dataset_file
from pennon.flows.versions.base_model import bring
from pennon.flows.versions.changes import LOCKFILE
from pennon.flows.versions.release import BACKGROUND, EXAMPLE, MANIFEST, manifest
from pennon.flows.versions.stores import obtain
from pennon.flows.world import World
from pennon.registry import Event, Manifest, ModelState, Version


class _Kind(StrEnum):
    """What a bundle holds of the release, as the end of its folder's name."""

    WHOLE = ""
    EXACT = "-exact"
    RECIPE = "-recipe"


def bundle(world: World, state: ModelState, version: Version) -> Path:
    """The version's bundle below `.pennon/bundles`, made once: a version never changes."""
    return _made(world, state, version, _Kind.WHOLE)


def exact_bundle(world: World, state: ModelState, version: Version) -> Path:
    """The same without what serving adds: enough to score by the artifact itself."""
    return _made(world, state, version, _Kind.EXACT)


def recipe_bundle(world: World, state: ModelState, version: Version) -> Path:
    """The same without the artifact: enough to train it again, from git and its base model."""
    folder = _made(world, state, version, _Kind.RECIPE)
    bring(world, world.config_at(state.find(version).commit), state.model, folder)
    return folder


def fill(world: World, state: ModelState, version: Version, to: Path) -> None:
    """Write the version's bundle into a folder of the caller's."""
    event, lineage = state.find(version), manifest(state, version)
    _fill(world, event, lineage, to)
    _download(world, event, lineage, to, kind=_Kind.WHOLE)


def _made(world: World, state: ModelState, version: Version, kind: _Kind) -> Path:
    lineage = manifest(state, version)
    name = f"{state.model.replace(':', '=').replace('/', '_')}@{version}"
    folder = world.workshop / "bundles" / f"{name}-{lineage.artifact[7:19]}{kind}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _fill(world, state.find(version), lineage, draft)
            _download(world, state.find(version), lineage, draft, kind=kind)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def _fill(world: World, event: Event, lineage: Manifest, to: Path) -> None:
    config = world.config_at(lineage.commit)
    files = (PROJECT, PARAMS, LOCKFILE, config.project.source)
    world.repo.extract(lineage.commit, (*files, *map(dataset_file, config.datasets)), to)
    facts = {"version": str(event.version)} | msgspec.to_builtins(lineage)
    (to / MANIFEST).write_bytes(msgspec.json.encode(facts))


def _download(world: World, event: Event, lineage: Manifest, to: Path, *, kind: _Kind) -> None:
    for name in _names(lineage, kind):
        obtain(world, event.tag, lineage, to / name)


def _names(lineage: Manifest, kind: _Kind) -> list[str]:
    if kind is _Kind.RECIPE:
        return []
    more = (EXAMPLE, BACKGROUND, lineage.engine.file) if kind is _Kind.WHOLE else ()
    return [lineage.file, *(name for name in more if name in lineage.files)]
