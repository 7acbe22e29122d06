"""The prediction log: JSON lines that monitoring reads, written beside the answers.

A disk that is full costs lines, never answers: they are counted, and a line is whole or not there.
"""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

MOST_WAITING = 50_000
"""Lines that may wait for the disk."""
GATHER = 0.2
"""Seconds between two writes: what a killed server loses."""
_NAME = re.compile(r"^predictions-(\d{8})\.jsonl$")


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and what one version answered. Personal columns are masked in `inputs`."""

    at: str
    id: str
    model: str
    version: str
    role: str
    key: str | None = None
    inputs: list[dict[str, Any]]
    predictions: list[float] | None = None
    error: str | None = None
    status: int
    ms: float


class Log:
    """Files `predictions-00000001.jsonl`, … in a folder; a full one is followed by the next.

    The oldest goes when there are more than `keep`. `lost` is told how many lines could not be
    written, and why.
    """

    def __init__(
        self,
        folder: Path,
        lost: Callable[[int, str], None],
        *,
        most: int = 64 << 20,
        keep: int = 16,
    ) -> None:
        """Raises OSError where the folder cannot be made."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._lost = folder, lost
        self._most, self._keep = most, keep
        self._waiting: deque[bytes] = deque()
        self._encode = msgspec.json.Encoder().encode
        self._news, self._ends = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="prediction log", daemon=True)
        self._thread.start()

    def put(self, line: Line) -> None:
        """Returns at once. A line beyond those that may wait is lost.

        Encoded here, one at a time: thousands at once, in the thread, hold up every answer.
        """
        if len(self._waiting) >= MOST_WAITING:
            self._lost(1, "the disk is slower than the requests")
            return
        self._waiting.append(self._encode(line) + b"\n")
        self._news.set()

    def close(self) -> None:
        """Write what waits."""
        self._ends.set()
        self._news.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ends.is_set():
            self._news.wait()
            self._ends.wait(GATHER)  # a thread that wakes at every line is in the answers' way
            self._news.clear()
            self._flush()

    def _flush(self) -> None:
        while self._waiting:
            lines = [self._waiting.popleft() for _ in range(min(len(self._waiting), 1000))]
            try:
                self._write(b"".join(lines))
            except OSError as error:
                self._lost(len(lines), str(error))

    def _write(self, content: bytes) -> None:
        file = self._current()
        with file.open("ab", buffering=0) as out:
            size = out.tell()
            try:
                view = memoryview(content)
                while view:
                    view = view[out.write(view) :]
            except OSError:
                with suppress(OSError):  # what went wrong first is what is told
                    os.ftruncate(out.fileno(), size)
                raise

    def _current(self) -> Path:
        """The file to write to; a new one where the newest is full."""
        numbers = sorted(int(m[1]) for it in self._folder.iterdir() if (m := _NAME.match(it.name)))
        newest = numbers[-1] if numbers else 1
        file = self._file(newest)
        if file.exists() and file.stat().st_size >= self._most:
            file = self._file(newest + 1)
            for number in numbers[: max(0, len(numbers) + 1 - self._keep)]:
                self._file(number).unlink(missing_ok=True)
        return file

    def _file(self, number: int) -> Path:
        return self._folder / f"predictions-{number:08}.jsonl"
