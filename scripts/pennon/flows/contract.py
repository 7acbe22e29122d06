"""The contract of a version, asked of a server: that of an environment, or one of a candidate."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from pennon.config import Environment, Task
from pennon.errors import TargetError
from pennon.flows.deployment.wanted import Wanted
from pennon.flows.versions.candidate import read
from pennon.flows.versions.release import EXAMPLE, manifest
from pennon.flows.versions.stores import obtain
from pennon.flows.world import World
from pennon.registry import Manifest, Reference
from pennon.registry.reference import meant
from pennon.serving.contract import Asked, Subject, asked, cases, consumed
from pennon.targets import process

CONSUMERS = "tests/contract/consumers"
"""What those who ask rely on: a JSON file for each of them."""
SHOWN = 5
"""Broken promises that an error lists."""


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of whom, and where the answer was not what it should be."""

    model: str
    version: str
    url: str
    cases: tuple[Asked, ...]

    @property
    def broken(self) -> tuple[Asked, ...]:
        return tuple(it for it in self.cases if it.wrong)

    def refuse(self) -> None:
        """Raises TargetError with what is broken, if anything is."""
        if not self.broken:
            return
        lines = "".join(f"\n  {it.name}: {'; '.join(it.wrong)}" for it in self.broken[:SHOWN])
        left = len(self.broken) - SHOWN
        more = f"\n  and {left} more" if left > 0 else ""
        raise TargetError(
            f"{self.url} does not keep the contract of {self.model}@{self.version}{lines}{more}",
            hint="docs/contract.md says what is asked, and why",
        )


def contract(
    world: World, wanted: Reference, *, url: str = "", latency: float | None = None
) -> Contract:
    """Of a version at an address; without one, of the newest candidate, which is served for it.

    Raises RegistryError where there is none, TargetError where the candidate is not served.
    """
    world.config().model(wanted.model)
    if not url:
        return _served(world, wanted.model, latency)
    state = world.state(wanted.model)
    version = meant(state, wanted)
    lineage = manifest(state, version)
    with TemporaryDirectory() as folder:
        example = _example(world, state.find(version).tag, lineage, Path(folder))
    found = _subject(lineage, str(version), example)
    return _asked(world, found, url.rstrip("/"), latency)


def is_asked(name: str, environments: Mapping[str, Environment]) -> bool:
    """Whether the contract tests run there: where it says so, else where another one waits."""
    said = environments[name].contract
    return said if said is not None else any(it.after == name for it in environments.values())


def keep(world: World, it: Wanted, url: str) -> None:
    """Raises TargetError where what answers at `url` breaks the contract of the version.

    No address, nobody to be asked.
    """
    if not url.startswith("http"):
        return
    wanted = Reference(it.model, version=str(it.version))
    found = contract(world, wanted, url=url, latency=it.place.latency)
    found.refuse()
    world.say(f"{it.environment} keeps the contract of {it} ({len(found.cases)} cases)")


def _served(world: World, model: str, latency: float | None) -> Contract:
    """By a server of its own, in this environment."""
    candidate = read(world, model)
    file = candidate.folder / EXAMPLE
    example = json.loads(file.read_bytes()) if file.exists() else None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    log = candidate.folder / "contract.log"
    command = [sys.executable, "-m", "pennon.serving", str(candidate.folder), "--port", str(port)]
    mark = process.start(command, log)
    try:
        if process.answers(f"{url}/ready", mark) is None:
            raise TargetError(f"the candidate of {model} is not served", hint=f"see {log}")
        return _asked(world, _subject(candidate.manifest, "", example), url, latency)
    finally:
        process.stop(mark)


def _asked(world: World, it: Subject, url: str, latency: float | None) -> Contract:
    folder = world.root / CONSUMERS
    fixtures = {file.name: file.read_bytes() for file in sorted(folder.glob("*.json"))}
    every = [*cases(it), *consumed(fixtures, it.model)]
    found = asked(url, every, latency=latency)
    return Contract(model=it.model, version=it.version, url=url, cases=tuple(found))


def _subject(lineage: Manifest, version: str, example: dict[str, Any] | None) -> Subject:
    return Subject(
        model=lineage.model,
        version=version,
        task=Task(lineage.task),
        inputs=lineage.signature.inputs,
        example=example,
    )


def _example(world: World, tag: str, lineage: Manifest, folder: Path) -> dict[str, Any] | None:
    """The row that a version was tried on when it was registered; None where none was kept."""
    if EXAMPLE not in lineage.files:
        return None
    obtain(world, tag, lineage, folder / EXAMPLE)
    found: dict[str, Any] = json.loads((folder / EXAMPLE).read_bytes())
    return found
