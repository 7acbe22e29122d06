"""What is kept beside an output: by which version it was made, of what, when."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pennon.serving.batch.plan import Job


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` = `scored` + `bad`. Digests are `sha256:…`, times RFC 3339 in UTC.

    `resumed` counts the rows that an earlier, interrupted run had scored.
    """

    job: Job
    commit: str
    input: str
    output: str
    digest: str = ""
    rows: int
    scored: int
    bad: int
    resumed: int
    engine: str
    started: str
    ended: str = ""
    actor: str = ""
    run: str = ""


def path(output: Path) -> Path:
    return output.with_name(f"{output.name}.json")


def bad_path(output: Path) -> Path:
    return output.with_name(f"{output.name}.bad.csv")


def write(record: Record, output: Path) -> None:
    """Whole or not at all."""
    half = output.with_name(f".{output.name}.record")
    half.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    half.replace(path(output))


def read(output: Path) -> Record | None:
    """None where there is none that can be read."""
    try:
        return msgspec.json.decode(path(output).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None
