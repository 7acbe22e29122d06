"""An output that grows, and which chunks of it are whole: a run that was killed goes on there.

The steps are written after their bytes and hold the checksums of them, so that it does not matter
which of the two the disk kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

import msgspec

from pennon.serving.batch.plan import BatchError, Chunk, Job, Place, Scored


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk that is whole: where its bytes end in both files, and where the next one begins."""

    rows: int
    bad: int
    end: int
    bad_end: int
    check: int
    bad_check: int
    next: Place


class Growing:
    """The half-made files beside an output. `steps` are those that an earlier run completed.

    `why` tells why steps of an earlier run do not count; empty where there were none.
    """

    def __init__(self, output: Path, job: Job, heads: tuple[bytes, bytes]) -> None:
        """`heads` are the first bytes of the output and of the file of bad rows.

        Raises BatchError where the folder cannot be written to, or somebody else does.
        """
        self.output = output
        self.half = output.with_name(f".{output.name}.half")
        self._bad = output.with_name(f".{output.name}.bad")
        self._journal = output.with_name(f".{output.name}.journal")
        self._job, self._heads = job, heads
        self.why = ""
        with writing(output), ExitStack() as opened:
            output.parent.mkdir(parents=True, exist_ok=True)
            paths = (self.half, self._bad, self._journal)
            self._files = [opened.enter_context(_opened(it)) for it in paths]
            _hold(self._files[2], output)
            self.steps = self._recover()
            self._opened = opened.pop_all()

    @property
    def rows(self) -> int:
        return sum(step.rows for step in self.steps)

    @property
    def bad_rows(self) -> int:
        return sum(step.bad for step in self.steps)

    def add(self, chunk: Chunk, scored: Scored) -> None:
        """Raises BatchError where the disk is full."""
        half, bad, journal = self._files
        with writing(self.output):
            _write(half, scored.data)
            _write(bad, scored.bad_data)
            step = Step(
                rows=scored.rows,
                bad=scored.bad,
                end=half.tell(),
                bad_end=bad.tell(),
                check=crc32(scored.data),
                bad_check=crc32(scored.bad_data),
                next=chunk.next,
            )
            _write(journal, msgspec.json.encode(step) + b"\n")
        self.steps.append(step)

    @property
    def ends(self) -> list[int]:
        """Where the bytes of each chunk end."""
        return [step.end for step in self.steps]

    def copy_bad(self, to: Path) -> None:
        """Whole or not at all."""
        draft = to.with_name(f".{to.name}.half")
        shutil.copyfile(self._bad, draft)
        draft.replace(to)

    def close(self) -> None:
        """What was made stays for the next run, if there is any."""
        self._opened.close()
        if not self.steps:
            self.forget()

    def forget(self) -> None:
        """The output is there: nothing is left to go on with."""
        self._opened.close()
        for path in (self.half, self._bad, self._journal):
            path.unlink(missing_ok=True)

    def _recover(self) -> list[Step]:
        """The steps whose bytes are there, with everything behind them cut off."""
        half, bad, journal = self._files
        first, *lines = journal.read().split(b"\n")
        known = msgspec.json.encode(self._job)
        mine = first == known and (half.read(len(self._heads[0])), bad.read(len(self._heads[1])))
        steps = list(self._whole(lines)) if mine == self._heads else []
        if first and not steps:
            self.why = _why(first, self._job)
        last = steps[-1] if steps else None
        for file, head, end in (
            (half, self._heads[0], last.end if last else 0),
            (bad, self._heads[1], last.bad_end if last else 0),
        ):
            file.seek(end)
            file.truncate()
            if not last:
                _write(file, head)
        journal.seek(0)
        journal.truncate()
        _write(journal, b"".join(it + b"\n" for it in (known, *map(msgspec.json.encode, steps))))
        return steps

    def _whole(self, lines: list[bytes]) -> Iterator[Step]:
        half, bad, _ = self._files
        end, bad_end = map(len, self._heads)
        for line in lines:
            try:
                step = msgspec.json.decode(line, type=Step)
            except msgspec.DecodeError:
                return
            checks = (crc32(half.read(step.end - end)), crc32(bad.read(step.bad_end - bad_end)))
            if checks != (step.check, step.bad_check):
                return
            yield step
            end, bad_end = step.end, step.bad_end


def _why(left: bytes, job: Job) -> str:
    """Why what an earlier run left is of no use."""
    try:
        before = msgspec.json.decode(left, type=Job)
    except msgspec.DecodeError:
        return "what an earlier run left cannot be read"
    if before == job:
        return "no chunk of an earlier run is whole"
    parts = [name for name in job.__struct_fields__ if getattr(before, name) != getattr(job, name)]
    return f"an earlier run had another {', another '.join(parts)}"


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)


def _hold(file: BinaryIO, output: Path) -> None:
    """Two runs that write one output would mix their rows."""
    with suppress(ImportError):  # there is none on Windows
        import fcntl  # noqa: PLC0415  the same

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = f"another pennon score is writing {output}"
            raise BatchError(what, hint="wait for it, or name another --output") from None


def _write(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


@contextmanager
def writing(output: Path) -> Iterator[None]:
    """Turns what the disk says into a BatchError."""
    try:
        yield
    except OSError as error:
        raise BatchError(
            f"{output} cannot be written: {error.strerror or error}",
            hint="make room, or name another --output; the same command goes on where it was",
        ) from None
