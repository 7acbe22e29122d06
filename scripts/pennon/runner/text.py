"""What GitHub Actions reads from files and log lines, as text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

SUMMARY_LIMIT = 1_000_000
"""Bytes of one step's summary; GitHub stops at 1 MiB and then shows nothing of it."""


def output(name: str, value: str, delimiter: str) -> str:
    """A line for GITHUB_OUTPUT; any text may follow, because the delimiter is unguessable."""
    if delimiter in value or "\n" in name:
        raise ValueError("the delimiter is part of the value")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def annotation(level: str, message: str, *, file: str = "", line: int = 0) -> str:
    """`::error file=gates.yaml,line=3::message` with everything escaped that GitHub would read."""
    where = [f"file={_property(file)}"] if file else []
    where += [f"line={line}"] if line else []
    properties = f" {','.join(where)}" if where else ""
    return f"::{level}{properties}::{_data(message)}"


def summary(parts: Sequence[str], used: int = 0) -> str:
    """Whole parts as long as there is room, and how many there was none for: no half table."""
    room = SUMMARY_LIMIT - used
    ends = accumulate(len(part.encode()) + 1 for part in parts)
    fits = sum(end <= room for end in ends)
    left = len(parts) - fits
    return "".join(f"{part}\n" for part in parts[:fits]) + (_too_long(left) if left else "")


def _too_long(parts: int) -> str:
    told = f"{parts} reports are" if parts > 1 else "The report is"
    them = "they are" if parts > 1 else "it is"
    return f"\n{told} too long for a step summary; {them} in the artifacts of this run.\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
