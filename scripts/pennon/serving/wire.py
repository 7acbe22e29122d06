"""What the server and its scorers say to each other: a length, then a record in msgpack."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pennon.artifacts.cells import Row

PROTOCOL = 1
"""Both ends have to speak the same one: a scorer may come from another pennon than its server."""
_LENGTH = 4


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorer says first, once it has loaded its model, or why it could not."""

    protocol: int
    engine: str = ""
    together: bool = False  # are predictions of rows the same, whatever rows are with them?
    error: str = ""


class Ask(msgspec.Struct, frozen=True, array_like=True):
    """Rows to predict, or to explain."""

    rows: list[Row]
    explain: bool = False


class Explained(msgspec.Struct, frozen=True):
    """What each column adds to a prediction, above the mean prediction `base`."""

    base: float
    contributions: dict[str, float]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """One prediction a row, or why there are none. `refused`: the rows are to blame."""

    predictions: list[float] = []
    explanations: list[Explained] | None = None
    error: str = ""
    refused: bool = False


def packed(record: msgspec.Struct) -> bytes:
    content = msgspec.msgpack.encode(record)
    return len(content).to_bytes(_LENGTH, "big") + content


class Frames:
    """Bytes as they arrive, into whole records."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, received: bytes) -> Iterator[bytes]:
        self._held += received
        while len(self._held) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._held[:_LENGTH], "big")
            if len(self._held) < end:
                return
            content = bytes(self._held[_LENGTH:end])
            del self._held[:end]
            yield content
