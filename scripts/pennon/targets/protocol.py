"""What a deployment target has to do, and the two records that it speaks in."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment shall run. `bundle` is a folder that the target may copy, not keep."""

    environment: str
    model: str
    version: str
    bundle: Path
    port: int


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment runs. `changed` is false where it ran that already."""

    version: str
    url: str
    changed: bool


class Target(Protocol):
    """A kind of place to run. Each is a module; more come by name."""

    def current(self, environment: str, model: str, port: int) -> Running | None:
        """What answers there now, on this port; None where nothing does."""

    def apply(self, desired: Desired) -> Running:
        """Run it, or raise TargetError and run what ran before."""
