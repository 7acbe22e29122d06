"""Versions of one model as folders on a machine, one of them `current`, and whole at any moment.

`current` is a link that changes in one rename, to a folder that was made aside, sealed with
checksums, and is never written to again. Whoever is killed leaves what the next one sweeps away.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from pennon.artifacts.archive import check, seal
from pennon.errors import ArtifactError

CURRENT, VERSIONS, NOTE = "current", "versions", "pull.json"
_DRAFT = ".new-"


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is current, and what was known when somebody looked last. `at` is RFC 3339."""

    model: str
    version: str
    artifact: str
    source: str
    event: str = ""  # object id of the registry's newest event then
    at: str


class Shelf:
    """Below `root`: `current`, `versions/`, `pull.json`, and `.pull/` for what is nobody else's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.own = root / ".pull"
        self._versions = root / VERSIONS

    @contextmanager
    def locked(self, wait: Callable[[], None]) -> Iterator[None]:
        """Alone on this shelf; `wait` is told before another one is waited for.

        The system gives the lock back when its holder dies, however it does.
        """
        for folder in (self.own, self._versions):
            folder.mkdir(parents=True, exist_ok=True)
        with (self.own / "lock").open("w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                wait()
                fcntl.flock(file, fcntl.LOCK_EX)
            self._sweep()
            yield

    @property
    def current(self) -> Path | None:
        """The folder that is current; None where none is."""
        link = self.root / CURRENT
        return link.resolve() if link.is_symlink() and link.is_dir() else None

    def note(self) -> Note | None:
        try:
            return msgspec.json.decode((self.root / NOTE).read_bytes(), type=Note)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write(self, note: Note) -> None:
        text = msgspec.json.format(msgspec.json.encode(note), indent=2) + b"\n"
        half = self.root / f"{_DRAFT}{NOTE}"
        half.write_bytes(text)
        half.replace(self.root / NOTE)

    def find(self, name: str) -> Path | None:
        """A folder that was made for this name before and is sound still."""
        for folder in sorted(self._versions.glob(f"{name}.*")):
            if is_sound(folder):
                return folder
        return None

    def make(self, name: str, fill: Callable[[Path], None]) -> Path:
        """A new folder with what `fill` writes into it, or none."""
        draft = Path(mkdtemp(prefix=_DRAFT, dir=self._versions))
        try:
            draft.chmod(0o755)
            fill(draft)
            seal(draft)
            _settle(draft)
            return draft.rename(self._versions / f"{name}.{secrets.token_hex(4)}")
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def switch(self, folder: Path) -> None:
        """Make it current, in one step."""
        link = self.root / f"{_DRAFT}{CURRENT}"
        link.symlink_to(Path(VERSIONS) / folder.name)
        link.replace(self.root / CURRENT)

    def prune(self, keep: int) -> list[str]:
        """Remove all but the current folder and the `keep` youngest others; what went."""
        others = [it for it in self._versions.iterdir() if it != self.current]
        others.sort(key=lambda it: it.stat().st_mtime_ns, reverse=True)
        for folder in others[keep:]:
            shutil.rmtree(folder)
        return [it.name for it in others[keep:]]

    def _sweep(self) -> None:
        """What was killed on its way; git's own locks in our copies among it: only we use those."""
        for left in (*self._versions.glob(f"{_DRAFT}*"), *self.own.glob(f"{_DRAFT}*")):
            shutil.rmtree(left, ignore_errors=True)
        for half in (*self.root.glob(f"{_DRAFT}*"), *self.own.rglob("*.lock")):
            half.unlink()


def _settle(folder: Path) -> None:
    """Onto the disk: a machine that loses its power must not find empty files behind the link."""
    for it in (*folder.rglob("*"), folder):
        handle = os.open(it, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_sound(folder: Path) -> bool:
    """Whether it is what it was when it was made."""
    try:
        check(folder)
    except (ArtifactError, OSError):
        return False
    return True
