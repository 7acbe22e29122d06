"""What a run may say that it built: the files of the versions that it registered."""

from __future__ import annotations

from collections.abc import Iterable

from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Version, read_local

OUTPUT = "subjects"
FILE = "subjects.sha256"


def name_subjects(world: World, registered: Iterable[tuple[str, str]]) -> None:
    """Of these (model, version), list the files for the attestation that the action makes next.

    A version that another run made, or a person, is left out: this run would claim what is not so.
    """
    lines = [line for model, version in registered for line in _lines(world, model, version)]
    if lines:
        file = world.workshop / FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(lines), encoding="utf-8")
        world.runner.output(OUTPUT, str(file))


def _lines(world: World, model: str, version: str) -> list[str]:
    """As sha256sum writes them."""
    lineage = manifest(read_local(world.repo, model), Version(version))
    if not lineage.run.url or lineage.run.url != world.runner.run_url:
        return []
    files = {lineage.file: lineage.artifact, **lineage.files}
    return [f"{digest[7:]}  {model}@{version}/{name}\n" for name, digest in files.items()]
