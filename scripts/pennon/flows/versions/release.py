"""The files of a version's release: their names, and getting them back verified."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pennon.artifacts import verify
from pennon.evaluation import Evaluation
from pennon.flows.world import World
from pennon.forge import Release
from pennon.registry import Manifest, ModelState, Version, registration, registrations

_HEAD = re.compile(r"<!-- pennon:head ([0-9a-f]{40,64}) -->")

MANIFEST = "manifest.json"
EVALUATION = "evaluation.json"
EXAMPLE = "example.json"
BACKGROUND = "background.json"
CARD = "model-card.md"
PAGE = "report.html"
SBOM = "sbom.cdx.json"
CHECKSUMS = "SHA256SUMS"


def manifest(state: ModelState, version: Version) -> Manifest:
    """The lineage record in the version's tag. Raises RegistryError where the tag has none."""
    return registration(state, version).manifest


def is_champions(state: ModelState, recipe: str) -> bool:
    """Is the champion made of this recipe (its digest)? Not known of a tag without one."""
    holder = state.holder("champion")
    event = state.versions.get(holder) if holder else None
    payload = registrations([event])[event.oid] if event else None
    return payload is not None and payload.manifest.recipe == recipe


def head_note(state: ModelState) -> str:
    """What a release's notes carry unseen: the id of the newest event when it was made."""
    return f"\n<!-- pennon:head {state.last.oid} -->\n" if state.last else ""


def noted_head(release: Release) -> str:
    """The id that `head_note` left in a release; empty where there is none."""
    found = _HEAD.search(release.body)
    return found[1] if found else ""


def evidence(world: World, state: ModelState, version: Version) -> Evaluation:
    """What the version was compared with when it was registered, verified by its digest."""
    expected = manifest(state, version).files.get(EVALUATION, "none")
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
