"""Files that other processes read while we write: whole or not at all, one number once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from pennon.errors import ForgeError

CHUNK = 1 << 20

T = TypeVar("T")


def write_whole(path: Path, chunks: Iterable[bytes]) -> int:
    """Put the bytes at `path` in one step; whatever stood there stays until then. The size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with half.open("xb") as file:
            size = sum(file.write(chunk) for chunk in chunks)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return size


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def first(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The first `most` bytes."""
    for chunk in chunks:
        yield chunk[:most]
        most -= len(chunk)
        if most <= 0:
            return


def claim(folder: Path) -> int:
    """The next number of this folder, given to nobody else: a number is never used twice."""
    claims = folder / ".ids"
    claims.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(taken.name) for taken in claims.iterdir()), default=0)
    while True:
        try:
            (claims / str(number)).touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number


def write_record(path: Path, record: msgspec.Struct) -> None:
    text = msgspec.json.format(msgspec.json.encode(record), indent=2)
    write_whole(path, [text, b"\n"])


def read_record(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise ForgeError(
            f"{path} is not what pennon wrote there: {error}", hint="mend the file, or remove it"
        ) from None


def numbered(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.json"), key=lambda path: int(path.stem))


def records(folder: Path, kind: type[T]) -> list[T]:
    """All of a folder, lowest number first; one that is removed meanwhile is left out."""
    return [it for path in numbered(folder) if (it := read_record(path, kind)) is not None]
