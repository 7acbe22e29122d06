"""Where the large files of a version lie: in its release, or in the store of its manifest."""

from __future__ import annotations

from pathlib import Path

from pennon.config import Config
from pennon.errors import ArtifactError
from pennon.flows.steps import DraftRelease, Keep, Step, Upload
from pennon.flows.versions.release import download
from pennon.flows.world import World
from pennon.registry import Manifest
from pennon.stores import RELEASE, open_store


def heavy(lineage: Manifest) -> dict[str, str]:
    """Name -> digest of what a store keeps: artifact and engine. All else is with the release."""
    engine = lineage.engine.file
    compiled = {engine: lineage.files[engine]} if engine in lineage.files else {}
    return {lineage.file: lineage.artifact, **compiled}


def obtain(world: World, tag: str, lineage: Manifest, to: Path) -> None:
    """One file of a version at `to`, by its name, verified, or an ArtifactError and no file."""
    large = heavy(lineage)
    digest = (lineage.files | large).get(to.name)
    if digest is None:
        raise ArtifactError(f"the manifest of {tag} names no file {to.name}")
    if lineage.store == RELEASE or to.name not in large:
        download(world, tag, to.name, to, digest=digest)
    else:
        open_store(lineage.store).get(digest, to)


def reach(config: Config) -> None:
    """Ask the store of new versions for anything: what is wrong with it shows before a training.

    Raises MissingExtraError, StoreError.
    """
    if config.project.registry.store != RELEASE:
        open_store(config.project.registry.store).reach()


def storing(
    world: World, draft: DraftRelease, lineage: Manifest, files: dict[Path, str]
) -> list[Step]:
    """The steps that store these files (path -> digest). Raises ForgeError where one is too large.

    The papers come last: until they are there, nothing names what the store holds.
    """
    apart = heavy(lineage) if lineage.store != RELEASE else {}
    released = {path: digest for path, digest in files.items() if path.name not in apart}
    world.forge.limits.check({path.name: path.stat().st_size for path in released})
    kept = [Keep(lineage.store, it, files[it]) for it in files if it not in released]
    return [draft, *kept, *(Upload(draft.name, *it) for it in released.items())]
