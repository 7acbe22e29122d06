"""Files behind a protocol that fsspec speaks. Imported where an address asks for it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

from pennon.stores.address import WHOLE
from pennon.stores.files import CHUNK


class Remote:
    """Raises whatever the protocol's library raises: there is no kind that all of them share."""

    def __init__(self, url: str) -> None:
        # No listing that an earlier look has left may answer for what is there now.
        files, base = url_to_fs(url, skip_instance_cache=True, use_listings_cache=False)
        self._files: AbstractFileSystem = files
        self._base = base.rstrip("/")
        spoken = files.protocol
        self._is_whole = bool(WHOLE & {*([spoken] if isinstance(spoken, str) else spoken)})

    def exists(self, name: str) -> bool:
        return bool(self._files.exists(self._at(name)))

    def pieces(self, name: str) -> Iterator[bytes]:
        with self._files.open(self._at(name), "rb", block_size=CHUNK) as file:
            while piece := file.read(CHUNK):
                yield piece

    def put(self, path: Path, name: str) -> None:
        self._whole(name, lambda at: self._files.put_file(str(path), at))

    def write(self, content: bytes, name: str) -> None:
        self._whole(name, lambda at: self._files.pipe_file(at, content))

    def _whole(self, name: str, write: Callable[[str], object]) -> None:
        """Where a half object could be seen, under another name first."""
        at = self._at(name)
        if self._is_whole:
            write(at)
            return
        folder = at.rpartition("/")[0]
        half = f"{folder}/.{secrets.token_hex(8)}.part"
        self._files.makedirs(folder, exist_ok=True)
        try:
            write(half)
            self._files.mv(half, at)
        except BaseException:
            if self._files.exists(half):
                self._files.rm_file(half)
            raise

    def _at(self, name: str) -> str:
        return f"{self._base}/{name}"
