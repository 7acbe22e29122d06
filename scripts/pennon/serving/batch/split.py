"""A CSV file as chunks of whole rows, cut without reading cells. Light: workers do the rest."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pennon.errors import DataError
from pennon.serving.batch.plan import Chunk, Place

_BLOCK, _NEAR = 1 << 20, 1 << 12
LONGEST = 1 << 24
"""Bytes of one row at most: beyond them somebody opened a quote and never closed it."""
_QUOTED = re.compile(rb'(?<![^,\r\n])"[^"]*(?:""[^"]*)*(?:"|\Z)')


def masked(data: bytes) -> bytes:
    """The same length, with nothing in quotes: commas and line ends that are left are real ones.

    `data` begins where a row begins. As in pandas, a quote within a cell that has begun without
    one is a character like others.
    """
    return _QUOTED.sub(lambda it: b"\0" * len(it[0]), data) if b'"' in data else data


def header(file: Path) -> tuple[bytes, tuple[str, ...]]:
    """The first line, whole with its end, and the names in it. Raises DataError."""
    with file.open("rb") as stream:
        line = b""
        while block := stream.read(_BLOCK):
            line += block
            end = masked(line).find(b"\n") + 1
            if end or len(line) > LONGEST:
                line = line[:end]
                break
    if not line.strip():
        raise DataError(f"{file.name} is empty", hint="it needs a first line with column names")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is not UTF-8: {error}", hint="convert it") from None
    names = tuple(next(csv.reader(io.StringIO(text, newline=""))))
    return line if line.endswith(b"\n") else line + b"\n", names


def chunks(file: Path, rows: int, start: Place | None) -> Iterator[Chunk]:
    """Spans of `rows` rows, the last one of what is left. Empty lines count as rows here."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        begin = min(len(header(file)[0]), size)
        place = start or Place((begin,), 0)
        stream.seek(place.of[0])
        for length, count in _cut(stream, rows, file.name, place.row):
            at = place.of[0]
            after = Place((at + length,), place.row + count)
            yield Chunk(place.row, after, after.of[0] / size, span=(at, at + length))
            place = after


def filled(chunk: Chunk, file: Path) -> Chunk:
    """The same with its bytes, the last row with an end."""
    start, end = chunk.span
    with file.open("rb") as stream:
        stream.seek(start)
        data = stream.read(end - start)
    whole = data if data.endswith(b"\n") else data + b"\n"
    return Chunk(chunk.first, chunk.next, chunk.share, whole)


def _cut(stream: BinaryIO, rows: int, name: str, row: int) -> Iterator[tuple[int, int]]:
    """Bytes and number of whole rows."""
    length, count, rest = 0, 0, b""
    while block := stream.read(_BLOCK):
        text = rest + block
        real = masked(text)
        start = 0
        while (lines := real.count(b"\n", start)) >= rows - count:
            end = _after(real, rows - count, start)
            yield length + end - start, rows
            row, length, count, start = row + rows, 0, 0, end
        end = real.rfind(b"\n", start) + 1 or start
        length, count, rest = length + end - start, count + lines, text[end:]
        if len(rest) > LONGEST:
            raise DataError(
                f"{name}: row {row + count + 1} has no end within {LONGEST >> 20} MB",
                hint='look for a quote (") that is opened there and never closed',
            )
    if length or rest:
        yield length + len(rest), count + bool(rest)


def _after(data: bytes, lines: int, start: int) -> int:
    """Where so many lines from `start` end: halved by counting, which is the fastest there is."""
    end = len(data)
    while end - start > _NEAR:
        middle = (start + end) // 2
        here = data.count(b"\n", start, middle)
        if here >= lines:
            end = middle
        else:
            start, lines = middle, lines - here
    for _ in range(lines):
        start = data.index(b"\n", start) + 1
    return start
