"""The environment's lock, a requirements file with hashes: which libraries, at which version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)"
    r"(?:\s*;\s*(?P<marker>[^\\#\n]*))?",
    re.MULTILINE,
)
_VIA = re.compile(r"^ +# +(?!via$)(?:via )?(?:-r )?(\S+)$", re.MULTILINE)


class Pin(NamedTuple):
    """The name as PEP 503 writes it; `marker` says where it is needed, empty for everywhere."""

    name: str
    version: str
    marker: str = ""


def pins(lock: str) -> Iterator[Pin]:
    """One for each pinned line."""
    for found in _PIN.finditer(lock):
        yield Pin(_plain(found["name"]), found["version"], (found["marker"] or "").strip())


def runtime(lock: str, tools: Collection[str]) -> list[Pin]:
    """The pins without `tools` and without what only tools need, by the comments that uv writes."""
    needed_by: dict[str, set[str]] = {}
    starts = [*_PIN.finditer(lock)]
    ends = [*(it.start() for it in starts[1:]), len(lock)]
    for found, end in zip(starts, ends, strict=True):
        names = map(_plain, _VIA.findall(lock[found.end() : end]))
        needed_by.setdefault(_plain(found["name"]), set()).update(names)
    left_out = set(tools)
    while more := {it for it, by in needed_by.items() if by and by <= left_out} - left_out:
        left_out |= more
    return [pin for pin in pins(lock) if pin.name not in left_out]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
