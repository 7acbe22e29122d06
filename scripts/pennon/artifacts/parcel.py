"""`current.json` beside archives: which one is to be used now."""

from __future__ import annotations

import msgspec

CURRENT = "current.json"


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """`archive` is where it lies below the same address; `name` is what people call the file."""

    model: str
    version: str
    environment: str
    artifact: str  # digest
    assignment: str  # the tag that asked for it
    name: str
    archive: str
    digest: str
    size: int

    def text(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"


def parcel(content: bytes | None) -> Parcel | None:
    """None where there is none, or something else."""
    try:
        return msgspec.json.decode(content, type=Parcel) if content else None
    except msgspec.DecodeError:
        return None
