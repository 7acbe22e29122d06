"""Prediction logs and outcomes into a database on disk: memory stays the same for any number.

Whatever comes twice counts once: the first line of an id and a version.
"""

from __future__ import annotations

import csv
import sqlite3
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from pennon.config.rollout import Mode, Rollout
from pennon.errors import DataError
from pennon.evaluation.arms import place
from pennon.registry.rollout import Running

_BATCH = 20_000
TEST = "test"
"""The role of requests that somebody tried a server out with."""
_TABLES = """
CREATE TABLE answers (
  id INTEGER, arm INTEGER, unit INTEGER, keyed INTEGER, person INTEGER, at REAL, share REAL,
  failed REAL, slow REAL, predictions TEXT, PRIMARY KEY (id, arm)
) WITHOUT ROWID;
CREATE TABLE outcomes (id INTEGER PRIMARY KEY, keyed INTEGER, value TEXT);
"""


class Line(msgspec.Struct):
    """What is read of a line of the log."""

    at: datetime
    id: str
    model: str
    version: str
    role: str
    ms: float
    status: int
    key: str | None = None
    error: str | None = None
    predictions: list[float] | None = None


class Read(msgspec.Struct):
    """What was seen on the way. `unreadable` lines are none of the log's; a torn last one is."""

    lines: int = 0
    unreadable: int = 0
    outcomes: int = 0
    misfits: int = 0


class Sides:
    """Which side a line is on: its step, arm, unit and the chance that it had to be there."""

    def __init__(self, plan: Rollout, running: Running) -> None:
        self._plan, self._running = plan, running
        self._begins = [step.seconds for step in running.steps]
        self._slow = plan.guards.slow.over if plan.guards.slow else float("inf")
        self._salt = plan.drawn(running.version)

    def row(self, model: str, it: Line) -> tuple[object, ...] | None:
        """A row of `answers`; None for what is no part of the rollout."""
        arm = {self._running.live: 0, self._running.version: 1}.get(it.version)
        at = it.at.timestamp()
        step = bisect_right(self._begins, at) - 1
        if it.model != model or it.role == TEST or arm is None or step < 0:
            return None
        if at < self._begins[step] + self._plan.settle:
            return None
        share = self._share(it.key, step)
        if share is None:
            return None
        unit = number(f"{step}\x1f{it.key}" if it.key else it.id)
        failed = it.error is not None or it.status >= 400  # noqa: PLR2004  HTTP's own limit
        return (
            number(it.id),
            arm,
            unit,
            it.key is not None,
            number(it.key) if it.key else None,
            at,
            share,
            failed,
            it.ms > self._slow,
            msgspec.json.encode(it.predictions).decode() if it.predictions else None,
        )

    def _share(self, key: str | None, step: int) -> float | None:
        """Its chance to get the challenger, given which keys had it before: those are left out.

        A key that moves over at a later step is drawn among those that have not yet: what it did
        before says nothing of that draw, so it is a new unit there.
        """
        share = self._running.steps[step].traffic.share
        if key is None or step == 0 or self._plan.mode is Mode.SHADOW:
            return share
        before = self._running.steps[step - 1].traffic.share
        if place(key, self._salt) < before:
            return None
        return (share - before) / (1 - before)


class Database:
    """A file in `folder`, which whoever made it removes."""

    def __init__(self, folder: Path) -> None:
        self.connection = sqlite3.connect(folder / "rollout.sqlite", isolation_level=None)
        self.connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES)
        self.read = Read()

    def add_logs(self, model: str, sides: Sides, paths: Iterable[Path]) -> None:
        """Raises DataError for a place without a log."""
        rows = (
            row
            for file in _files(paths)
            for line in self._lines(file)
            if (row := sides.row(model, line)) is not None
        )
        self._insert("answers", 10, rows)

    def add_outcomes(self, file: Path) -> None:
        """`id` or `key`, and `outcome`: a number, or in JSON lines one for each row.

        Raises DataError where one of them is missing. Of two lines about the same the last counts.
        """
        self._insert("outcomes", 3, self._outcomes(file))

    def _insert(self, table: str, width: int, rows: Iterator[tuple[object, ...]]) -> None:
        last = "IGNORE" if table == "answers" else "REPLACE"
        marks = ", ".join("?" * width)
        statement = f"INSERT OR {last} INTO {table} VALUES ({marks})"  # noqa: S608  our own words
        self.connection.execute("BEGIN")
        while batch := list(islice(rows, _BATCH)):
            self.connection.executemany(statement, batch)
        self.connection.execute("COMMIT")

    def _lines(self, file: Path) -> Iterator[Line]:
        decoder = msgspec.json.Decoder(Line)
        with file.open("rb") as lines:
            for line in lines:
                self.read.lines += 1
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self.read.lines -= 1
                    # What has no end yet is being written.
                    self.read.unreadable += line.endswith(b"\n") and bool(line.strip())

    def _outcomes(self, file: Path) -> Iterator[tuple[object, ...]]:
        for i, said in enumerate(_records(file), start=1):
            name = next((it for it in ("id", "key") if said.get(it) not in (None, "")), None)
            value = _numbers(said.get("outcome"))
            if name is None or "outcome" not in said:
                raise DataError(
                    f"{file.name}: outcome {i} has no {'outcome' if name else 'id or key'}",
                    hint="columns: id (of the request) or key (what was split by), and outcome",
                )
            if value is None:
                self.read.misfits += 1
                continue
            self.read.outcomes += 1
            yield number(str(said[name])), name == "key", msgspec.json.encode(value).decode()


def number(text: str) -> int:
    """Eight bytes of a hash, as SQLite keeps integers."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: Counter[Path] = Counter()
    for path in paths:
        inside = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
        if not inside or not all(file.is_file() for file in inside):
            raise DataError(
                f"there is no prediction log in {path}",
                hint="name the folder of a server's log, or its files: JSON lines",
            )
        found.update(file.resolve() for file in inside)
    return list(found)


def _records(file: Path) -> Iterator[dict[str, Any]]:
    if not file.is_file():
        raise DataError(f"there is no file of outcomes {file}", hint="CSV or JSON lines")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        if file.suffix == ".csv":
            yield from csv.DictReader(lines)
            return
        for i, line in enumerate(lines, start=1):
            if line.strip():
                yield _record(line, f"{file.name}: line {i}")


def _record(line: str, where: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise DataError(f"{where}: {error}", hint="JSON lines, or a .csv") from None


def _numbers(said: object) -> list[float] | None:
    """None for what is no finite number, or not yet known."""
    try:
        found = [float(it) for it in said] if isinstance(said, list) else [float(str(said))]
    except ValueError:
        booleans = {"true": [1.0], "false": [0.0]}
        return booleans.get(str(said).lower())
    return found if found and all(abs(it) < float("inf") for it in found) else None
