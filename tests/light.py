"""A model repository without data or training: versions with made-up manifests, a real remote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.world import World
from pennon.registry import read_remote
from stress.arena import build, enter
from worlds import Ledger

LIGHT = "model0"
BEFORE = ["v1.0.0", "v1.1.0", "v1.2.0"]


class Light:
    """Three versions, each champion after the one before; `origin.git` lies beside the clone."""

    def __init__(self, folder: Path) -> None:
        """In a folder that `make` filled, or a copy of it."""
        self.folder = folder
        self.origin = folder / "origin.git"
        self.slept: list[float] = []
        self.said: list[str] = []
        self.world = replace(enter(folder, "seed"), sleep=self.slept.append, say=self.said.append)
        self.ledger = Ledger(folder / "seed", LIGHT)

    @classmethod
    def make(cls, folder: Path) -> None:
        build(folder, (LIGHT,))
        ledger = cls(folder).ledger
        for version in BEFORE:
            ledger.register(version)
            ledger.assign(version)

    def other(self) -> World:
        """Somebody else, in a clone of the same remote."""
        return replace(enter(self.folder, "bob"), sleep=self.slept.append)

    def hook(self, name: str, script: str) -> Path:
        """What the remote does on a push, where GitHub has its rules."""
        file = self.origin / "hooks" / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def champions(self) -> list[str]:
        """Whoever was given the stage, oldest first, as the remote has it."""
        state, _ = read_remote(self.world.repo, LIGHT)
        return [str(event.version) for event in state.assignments("champion")]


def back(
    reason: str = "wrong for FR", version: str | None = None, then: Then = Then.NOTHING
) -> Ask:
    """A rollback as somebody asks for it."""
    return Ask(model=LIGHT, reason=reason, version=version, then=then)
