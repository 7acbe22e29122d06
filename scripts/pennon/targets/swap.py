"""Another version for a server that runs: it loads it beside the old one, and swaps."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import msgspec

from pennon.artifacts.served import Serve, read, write
from pennon.errors import TargetError
from pennon.targets import process


def swap(file: Path, wanted: Serve, *, url: str, mark: process.Mark) -> None:
    """The server at `url`, which reads `file`, serves what is wanted: no request fails by it.

    Raises TargetError with what it says where it cannot, and where it cannot predict the example
    of the new bundle over HTTP; it serves what it served before then.
    """
    before = read(file)
    try:
        _tell(file, wanted, url=url, mark=mark)
    except BaseException:
        write(file, before)
        _nudge(mark)
        raise


def _tell(file: Path, wanted: Serve, *, url: str, mark: process.Mark) -> None:
    identity = os.urandom(8).hex()
    write(file, msgspec.structs.replace(wanted, id=identity))
    _nudge(mark)
    found = process.until(lambda: _seen(url, identity, mark), process.PATIENCE)
    if not found:
        raise TargetError(f"its server did not answer within {process.PATIENCE:.0f} s")
    if why := found.get("trouble"):
        raise TargetError(str(why))
    example = Path(wanted.live.bundle) / "example.json"
    if example.exists() and process.get(f"{url}/predict", example.read_bytes()) is None:
        raise TargetError("it cannot predict its own example row over HTTP")


def _seen(url: str, identity: str, mark: process.Mark) -> dict[str, object] | None:
    """What the server says once it has dealt with the record."""
    answer = process.get(f"{url}/version")
    facts: dict[str, object] = json.loads(answer) if answer else {}
    if facts.get("seen") == identity:
        return facts
    return None if process.alive(mark) else {"trouble": "its server ended"}


def _nudge(mark: process.Mark) -> None:
    if process.alive(mark):
        os.kill(mark.pid, signal.SIGHUP)
