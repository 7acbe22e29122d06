"""What a store asks of the place below it, and a folder that does it: no library is needed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

CHUNK = 1 << 24


class Files(Protocol):
    """Names are relative, with slashes. A file appears whole under its name, or not at all."""

    def exists(self, name: str) -> bool: ...

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content, read bit by bit."""

    def put(self, path: Path, name: str) -> None: ...

    def write(self, content: bytes, name: str) -> None: ...


class Folder:
    """A folder: on this machine, or mounted on it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def exists(self, name: str) -> bool:
        return (self._root / name).is_file()

    def pieces(self, name: str) -> Iterator[bytes]:
        with (self._root / name).open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece

    def put(self, path: Path, name: str) -> None:
        self._whole(name, lambda half: shutil.copyfile(path, half))

    def write(self, content: bytes, name: str) -> None:
        self._whole(name, lambda half: half.write_bytes(content))

    def _whole(self, name: str, write: Callable[[Path], object]) -> None:
        to = self._root / name
        to.parent.mkdir(parents=True, exist_ok=True)
        half = to.with_name(f".{secrets.token_hex(8)}.part")
        try:
            write(half)
            half.replace(to)
        finally:
            half.unlink(missing_ok=True)
