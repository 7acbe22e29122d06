"""A registered version as a folder that can score: its code, its configuration, its artifact."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from pennon.config import PARAMS, PROJECT, dataset_file
from pennon.flows.changes import LOCKFILE
from pennon.flows.release import EXAMPLE, MANIFEST, download, manifest
from pennon.flows.world import World
from pennon.registry import Event, Manifest, ModelState, Version


def bundle(world: World, state: ModelState, version: Version) -> Path:
    """The version's bundle below `.pennon/bundles`, made once: a version never changes."""
    return _made(world, state, version, artifact=True)


def recipe_bundle(world: World, state: ModelState, version: Version) -> Path:
    """The same without the artifact: enough to train it again, and all of it comes from git."""
    return _made(world, state, version, artifact=False)


def _made(world: World, state: ModelState, version: Version, *, artifact: bool) -> Path:
    lineage = manifest(state, version)
    name = f"{state.model.replace(':', '=').replace('/', '_')}@{version}"
    kind = "" if artifact else "-recipe"
    folder = world.workshop / "bundles" / f"{name}-{lineage.artifact[7:19]}{kind}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _fill(world, state.find(version), lineage, draft)
            if artifact:
                _download(world, state.find(version), lineage, draft)
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


def _download(world: World, event: Event, lineage: Manifest, to: Path) -> None:
    download(world, event.tag, lineage.file, to / lineage.file, digest=lineage.artifact)
    if EXAMPLE in lineage.files:
        download(world, event.tag, EXAMPLE, to / EXAMPLE, digest=lineage.files[EXAMPLE])
