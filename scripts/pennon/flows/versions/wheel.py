"""A version as a wheel in a folder that pip installs from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

import msgspec

from pennon import __version__
from pennon.artifacts.lock import runtime
from pennon.artifacts.wheel import Wheel
from pennon.errors import ConfigError
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.changes import LOCKFILE
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Manifest, Reference
from pennon.registry.reference import meant

OLDEST = "3.11"
"""The Python that pennon itself needs."""
TOOLS = frozenset({"coverage", "hypothesis", "mypy", "pre-commit", "pytest", "pytest-cov", "ruff"})
"""Of a lock: what tests need and predictions do not."""


class Wheeled(msgspec.Struct, frozen=True, kw_only=True):
    """The wheel at `file`, what it needs, and the command that installs it."""

    model: str
    version: str
    file: str
    name: str
    package: str
    requires: tuple[str, ...]
    command: str


def wheel(world: World, asked: Reference, to: Path, *, dry_run: bool) -> Wheeled:
    """Write the wheel into the folder `to`, beside those that are there.

    Raises ConfigError for a version that pip has no form for, ArtifactError for an artifact that is
    not the recorded one.
    """
    if to.exists() and not to.is_dir():
        raise ConfigError(f"{to} is not a folder", hint="name the folder of the feed")
    state = world.state(asked.model)
    version = meant(state, asked)
    lineage = manifest(state, version)
    lock = world.repo.show(lineage.commit, LOCKFILE) or ""
    made = Wheel(
        model=state.model,
        version=str(version),
        python=OLDEST,
        requires=(f"pennon[ml]=={__version__}", *_pinned(lock)),
        at=_moment(lineage),
    )
    file = to / made.file
    if not dry_run:
        folder = bundle(world, state, version)
        to.mkdir(parents=True, exist_ok=True)
        world.say(f"write {file}")
        made.write(_files(folder), to)
    return Wheeled(
        model=state.model,
        version=str(version),
        file=str(file),
        name=made.name,
        package=made.package,
        requires=made.requires,
        command=f"pip install --find-links {quote(str(to))} {made.name}=={made.number}",
    )


def _pinned(lock: str) -> tuple[str, ...]:
    found = (
        f"{pin.name}=={pin.version}" + (f" ; {pin.marker}" if pin.marker else "")
        for pin in runtime(lock, TOOLS)
    )
    return tuple(found)


def _files(folder: Path) -> dict[str, Path]:
    """What scoring reads, by its place; not what Python left there."""
    found = sorted(it for it in folder.rglob("*") if it.is_file() and "__pycache__" not in it.parts)
    return {it.relative_to(folder).as_posix(): it for it in found}


def _moment(lineage: Manifest) -> tuple[int, int, int, int, int, int]:
    it = datetime.fromisoformat(lineage.run.at).astimezone(UTC)
    return it.year, it.month, it.day, it.hour, it.minute, it.second
