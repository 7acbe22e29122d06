"""The files of a version's release: their names, and getting them back verified."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pennon.artifacts import verify
from pennon.evaluation import Evaluation
from pennon.flows.world import World
from pennon.registry import Manifest, ModelState, Version, registration

MANIFEST = "manifest.json"
EVALUATION = "evaluation.json"
EXAMPLE = "example.json"
CARD = "model-card.md"
PAGE = "report.html"


def manifest(world: World, state: ModelState, version: Version) -> Manifest:
    """The lineage record in the version's tag. Raises RegistryError where the tag has none."""
    return registration(world.repo, state, version).manifest


def evidence(world: World, state: ModelState, version: Version) -> Evaluation:
    """What the version was compared with when it was registered, verified by its digest."""
    expected = manifest(world, state, version).files.get(EVALUATION, "none")
    with TemporaryDirectory() as folder:
        file = Path(folder) / EVALUATION
        download(world, state.find(version).tag, EVALUATION, file, digest=expected)
        return msgspec.json.decode(file.read_bytes(), type=Evaluation)


def download(world: World, tag: str, name: str, to: Path, *, digest: str) -> None:
    """The file of a release at `to`, or an ArtifactError and no file."""
    world.forge.download_asset(tag, name, to)
    try:
        verify(to, digest)
    except BaseException:
        to.unlink(missing_ok=True)
        raise
