"""Is a version what its tag says: the artifact's digest, the evidence, and the model's chain?"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pennon.errors import PennonError
from pennon.flows.versions.release import manifest
from pennon.flows.versions.stores import heavy, obtain
from pennon.flows.world import World
from pennon.registry import Manifest, Reference, resolve
from pennon.registry.audit import chain

_BUILT = re.compile(r"https://[^/]+/([^/]+/[^/]+)/actions/runs/")


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at. `what` says the fact, or what is wrong with it."""

    name: str
    ok: bool
    what: str


def verify(world: World, wanted: Reference) -> list[Check]:
    """Every check, also after one failed. Raises RegistryError for an unknown version."""
    state, version = resolve(world.repo, wanted)
    lineage = manifest(state, version)
    tag = state.find(version).tag
    _ = world.forge.where  # a forge that cannot be opened is one error, not one a file
    names = dict.fromkeys((lineage.file, *lineage.files))
    files = [_file(world, tag, lineage, name) for name in names]
    if built := _BUILT.match(lineage.run.url):
        ask = f"gh attestation verify {lineage.file} --repo {built[1]}"
        world.say(f"who built it is not looked at here; GitHub's own program does: {ask}")
    broken = chain(state)
    links = [Check(finding.tag, ok=False, what=finding.what) for finding in broken]
    if not links:
        links = [Check("chain", ok=True, what=f"{len(state.events)} events, each names the last")]
    return [*files, *links]


def _file(world: World, tag: str, lineage: Manifest, name: str) -> Check:
    with TemporaryDirectory() as folder:
        try:
            obtain(world, tag, lineage, Path(folder) / name)
        except PennonError as error:
            return Check(name, ok=False, what=str(error))
    return Check(name, ok=True, what=(heavy(lineage) | lineage.files)[name])
