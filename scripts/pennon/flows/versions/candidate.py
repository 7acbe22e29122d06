"""The folder of a run: what a training made, before anybody registered it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from pennon.errors import RegistryError
from pennon.flows.versions.release import EVALUATION, MANIFEST
from pennon.flows.world import World
from pennon.registry import Manifest


class Candidate(msgspec.Struct, frozen=True):
    """A run directory. Its manifest has no metrics until somebody compared the candidate."""

    folder: Path
    manifest: Manifest

    @property
    def model(self) -> Path:
        return self.folder / self.manifest.file

    @property
    def evaluation(self) -> Path:
        return self.folder / EVALUATION


def new_folder(world: World, model: str) -> Path:
    """An empty `.pennon/runs/<model>`: the newest run is the one that counts."""
    folder = folder_of(world, model)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, manifest: Manifest, specimens: Mapping[str, Any]) -> Candidate:
    """Record what was trained beside its artifact, with rows to try it on: a file each."""
    for name, rows in specimens.items():
        _whole(folder / name, rows)
    _whole(folder / MANIFEST, manifest)
    return Candidate(folder, manifest)


def update(candidate: Candidate, manifest: Manifest) -> Candidate:
    _whole(candidate.folder / MANIFEST, manifest)
    return Candidate(candidate.folder, manifest)


def read(world: World, model: str) -> Candidate:
    """The newest run of a model. Raises RegistryError where there is none."""
    folder = folder_of(world, model)
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise RegistryError(
            f"no run of {model} in {folder}", hint=f"train one: pennon train {model}"
        ) from None
    return Candidate(folder, manifest)


def folder_of(world: World, model: str) -> Path:
    """Where the newest run of a model is, or would be."""
    return world.workshop / "runs" / folder_name(model)


def folder_name(model: str) -> str:
    return model.replace(":", "=").replace("/", "_")


def _whole(file: Path, value: Any) -> None:  # noqa: ANN401  any record
    """Written whole or not at all."""
    half = file.with_name(f".{file.name}.half")
    half.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=1))
    half.replace(file)
