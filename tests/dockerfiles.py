"""Dockerfiles, read: their instructions, the programs that they run."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple


class Line(NamedTuple):
    instruction: str
    rest: str


def lines(text: str) -> list[Line]:
    """Instructions in their order, continued lines joined, comments left out."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return [Line(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def commands(found: list[Line]) -> list[list[str]]:
    """Every program that RUN starts, as its words."""
    runs = [line.rest for line in found if line.instruction == "RUN"]
    return [shlex.split(part) for run in runs for part in run.split("&&")]


def last(found: list[Line], instruction: str) -> str:
    """What holds at the end."""
    return next(line.rest for line in reversed(found) if line.instruction == instruction)
