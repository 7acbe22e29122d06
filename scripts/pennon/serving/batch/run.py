"""One file from its first to its last row: whole or not at all, and never begun twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pennon.artifacts import digest
from pennon.errors import DataError
from pennon.serving.batch import parquet, record, split
from pennon.serving.batch.engine import Engine
from pennon.serving.batch.files import Pair
from pennon.serving.batch.journal import Growing, writing
from pennon.serving.batch.plan import (
    PREDICTION,
    VERSION,
    BatchError,
    Chunk,
    Form,
    Place,
    Plan,
)
from pennon.serving.batch.prepare import Model, Settings, plan
from pennon.serving.batch.record import Record


class Progress(msgspec.Struct, frozen=True):
    """How far a file is; `share` of it is scored."""

    file: str
    share: float
    rows: int
    bad: int


class Watch(msgspec.Struct, frozen=True):
    """Where a run gets the time from, whom it tells what, and who is to be named."""

    now: Callable[[], str]
    say: Callable[[str], None]
    told: Callable[[Progress], None]
    actor: str = ""
    run: str = ""


class Run:
    """Scores files by one version, in one way."""

    def __init__(self, model: Model, settings: Settings, watch: Watch) -> None:
        self._model, self._settings, self._watch = model, settings, watch

    def score(self, engine: Engine, pair: Pair) -> Record:
        """The file's record. What is scored already is left as it is.

        Raises DataError, BatchError, MissingExtraError, and what the model raises.
        """
        with _reading(pair.name):
            return self._score(engine, pair)

    def _score(self, engine: Engine, pair: Pair) -> Record:
        started = self._watch.now()
        asked = plan(self._model, pair, self._settings)
        if pair.output.exists() and not self._settings.overwrite:
            return self._finished(pair, asked)
        stamp = _stamp(pair.input)
        growing = Growing(pair.output, asked.job, (_head(asked), _bad_head(asked)))
        try:
            resumed = self._begun(growing, pair)
            self._go_on(engine, asked, growing, pair.input)
            if _stamp(pair.input) != stamp:
                raise DataError(f"{pair.name} was changed while it was scored", hint="start again")
            made = Record(
                job=asked.job,
                commit=self._model.commit,
                input=str(pair.input),
                output=pair.output.name,
                rows=growing.rows,
                scored=growing.rows - growing.bad_rows,
                bad=growing.bad_rows,
                resumed=resumed,
                engine=engine.name,
                started=started,
                actor=self._watch.actor,
                run=self._watch.run,
            )
            return self._finish(growing, made, pair)
        finally:
            growing.close()

    def _finished(self, pair: Pair, asked: Plan) -> Record:
        """The record of an output that is there, if it is what would be made now."""
        known = record.read(pair.output)
        if known is None:
            why = "and has no record of how it was made"
        elif known.job != asked.job:
            why = f"and was made otherwise: {', '.join(_differences(known, asked))}"
        elif digest(pair.output) != known.digest:
            why = "and was changed after it was made"
        else:
            self._watch.say(f"{pair.name}: scored already, {pair.output} is left as it is")
            return known
        raise BatchError(f"{pair.output} exists {why}", hint="--overwrite, or another --output")

    def _begun(self, growing: Growing, pair: Pair) -> int:
        """Rows that an earlier run has scored."""
        if growing.why:
            self._watch.say(f"{pair.name}: starting anew, since {growing.why}")
        if growing.steps:
            self._watch.say(f"{pair.name}: going on after row {growing.rows:,}")
        return growing.rows

    def _go_on(self, engine: Engine, asked: Plan, growing: Growing, file: Path) -> None:
        start = growing.steps[-1].next if growing.steps else None
        for chunk, scored in engine.scored(asked, _chunks(asked, file, start)):
            growing.add(chunk, scored)
            told = Progress(asked.file, chunk.share, growing.rows, growing.bad_rows)
            self._watch.told(told)

    def _finish(self, growing: Growing, made: Record, pair: Pair) -> Record:
        """The record before the output: an output is never without."""
        with writing(pair.output):
            whole = growing.half
            if pair.form is Form.PARQUET:
                whole = growing.half.with_suffix(".whole")
                source = pair.input if pair.source is Form.PARQUET else None
                parquet.assemble(growing.half, growing.ends, whole, (made.job.keep, source))
            made = msgspec.structs.replace(made, digest=digest(whole), ended=self._watch.now())
            bad = record.bad_path(pair.output)
            if made.bad:
                growing.copy_bad(bad)
            else:
                bad.unlink(missing_ok=True)
            record.write(made, pair.output)
            whole.replace(pair.output)
            growing.forget()
        return made


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}") from None


def _chunks(asked: Plan, file: Path, start: Place | None) -> Iterator[Chunk]:
    rows = asked.job.chunk
    if asked.source is Form.CSV:
        return split.chunks(file, rows, start)
    needed = [*(want.name for want in asked.wants), *asked.job.keep]
    columns = None if asked.job.skip else list(dict.fromkeys(needed))  # bad rows are kept whole
    return parquet.chunks(file, rows, start, columns)


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _head(asked: Plan) -> bytes:
    names = (*asked.job.keep, PREDICTION, VERSION)
    return _line(names) if asked.job.form is Form.CSV else b""


def _bad_head(asked: Plan) -> bytes:
    return _line(("row", "reason", *asked.names))


def _line(cells: Sequence[str]) -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerow(cells)
    return made.getvalue().encode()


def _differences(known: Record, asked: Plan) -> Iterator[str]:
    for field in known.job.__struct_fields__:
        before, now = getattr(known.job, field), getattr(asked.job, field)
        if before != now:
            yield f"{field} {_short(before)}, now {_short(now)}"


def _short(value: object) -> str:
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return text.removeprefix("sha256:")[:12] if text.startswith("sha256:") else text or "none"
