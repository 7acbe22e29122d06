"""The environment's lock, a requirements file with hashes: which libraries, at which version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)"
    r"(?:\s*;\s*(?P<marker>[^\\#\n]*))?",
    re.MULTILINE,
)


class Pin(NamedTuple):
    """The name as PEP 503 writes it; `marker` says where it is needed, empty for everywhere."""

    name: str
    version: str
    marker: str = ""


def pins(lock: str) -> Iterator[Pin]:
    """One for each pinned line."""
    for found in _PIN.finditer(lock):
        name = re.sub(r"[-_.]+", "-", found["name"]).lower()
        yield Pin(name, found["version"], (found["marker"] or "").strip())
