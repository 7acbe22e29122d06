"""A version as a build context: its bundle, this very pennon, and a Dockerfile for both."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path
from shlex import quote
from tempfile import mkdtemp

import msgspec

from pennon.assets import modules
from pennon.errors import ConfigError
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Manifest, Reference, Version
from pennon.registry.reference import meant
from pennon.targets.container import Recipe, command, dockerfile
from pennon.targets.names import dns

_OCI, _OURS = "org.opencontainers.image", "io.github.pennon-ml"


class Packaged(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in `folder`, and the command that makes an image of it."""

    model: str
    version: str
    folder: str
    files: tuple[str, ...]
    labels: dict[str, str]
    command: str


def package(
    world: World, asked: Reference, to: Path, *, base: str = "", repository: str = "", dry_run: bool
) -> Packaged:
    """Write the context to the folder `to`, whole or not at all; a dry run lists its files.

    `base` is the image to build on, `repository` where it will be pushed. Raises ConfigError where
    something else is in the folder, ArtifactError for an artifact that is not the recorded one.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ConfigError(f"{to} is not empty", hint="name a folder that does not exist yet")
    state = world.state(asked.model)
    version = meant(state, asked)
    lineage = manifest(state, version)
    made = Recipe(
        base=base or f"python:{'.'.join(lineage.python.split('.')[:2])}-slim",
        labels=_labels(lineage, version),
        epoch=int(datetime.fromisoformat(lineage.run.at).timestamp()),
    )
    parts = _parts(bundle(world, state, version), dockerfile(made))
    if not dry_run:
        world.say(f"write {len(parts)} files to {to}")
        _write(parts, to, made.epoch)
    image = f"{repository or dns(asked.model)}:{version}"
    return Packaged(
        model=asked.model,
        version=str(version),
        folder=str(to),
        files=tuple(parts),
        labels=dict(made.labels),
        command=command(quote(str(to)), quote(image), made.epoch),
    )


def _parts(folder: Path, text: str) -> dict[str, bytes | Path]:
    """Path in the context -> what is there."""
    bundled = {f"bundle/{it.relative_to(folder).as_posix()}": it for it in _files(folder)}
    return {"Dockerfile": text.encode()} | bundled | modules()


def _files(folder: Path) -> list[Path]:
    found = (it for it in folder.rglob("*") if it.is_file() and "__pycache__" not in it.parts)
    return sorted(found)


def _write(parts: dict[str, bytes | Path], to: Path, epoch: int) -> None:
    """Every file with the time of the version: a context is the same whenever it is made."""
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        for name, content in parts.items():
            file = draft / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copyfile(content, file)
            else:
                file.write_bytes(content)
            file.chmod(0o644)
            os.utime(file, (epoch, epoch))
        draft.chmod(0o755)
        draft.replace(to)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _labels(lineage: Manifest, version: Version) -> dict[str, str]:
    return {
        f"{_OCI}.title": lineage.model,
        f"{_OCI}.version": str(version),
        f"{_OCI}.revision": lineage.commit,
        f"{_OCI}.created": lineage.run.at,
        f"{_OURS}.model": lineage.model,
        f"{_OURS}.artifact": lineage.artifact,
        f"{_OURS}.environment": lineage.environment,
        f"{_OURS}.recipe": lineage.recipe,
        f"{_OURS}.pennon": lineage.pennon,
    }
