"""What happens to one chunk, in a process of its own: parse, check, predict, format."""

from __future__ import annotations

import csv
import io
import os
import signal
import sys
from functools import lru_cache
from multiprocessing import parent_process
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.bundle import Bundle
from pennon.errors import ArtifactError, DataError, PennonError
from pennon.serving.batch.plan import Chunk, Form, Plan, Scored
from pennon.serving.batch.split import filled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pennon.serving.batch.cells import Bad, Rows

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_QUOTED = '",\r\n'
_one_at_a_time = Lock()


def settle(threads: int) -> None:
    """Make this process a worker: so many threads, quiet, and not there without its parent."""
    for name in _THREADS:
        os.environ.setdefault(name, str(threads))  # noqa: TID251  before a library reads it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this one
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the version's code prints is no result
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End with the parent, also where that is killed: nobody would be left to end this."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def load(bundle: Path) -> None:
    """Import and load all that the first chunk will need; what fails here fails there again."""
    import pandas  # noqa: F401, ICN001, PLC0415  the ML stack

    _bundle(bundle).load()


def score(bundle: Path, plan: Plan, chunk: Chunk) -> Scored:
    """Raises DataError that names file, row and column; of the version's code, its own error."""
    from pennon.serving.batch.cells import good  # noqa: PLC0415  the ML stack

    rows = _rows(plan, chunk)
    try:
        frame, bad = good(rows, plan.wants)
        if bad and not plan.job.skip:
            raise _refusal(plan, chunk, bad)
        predictions = _predictions(bundle, frame)
    except PennonError as error:
        _place(error, plan, chunk)
        raise
    if len(predictions) + len(bad) != rows.total:
        raise DataError(
            f"{plan.file}: {rows.total} rows went in, {len(predictions)} came out and {len(bad)} "
            "are bad"
        )
    kept = rows.kept(plan.job.keep, frame)
    return Scored(
        rows=rows.total,
        bad=len(bad),
        data=_output(plan, kept, predictions),
        bad_data=_bad_output(rows, bad, chunk.first),
    )


def _rows(plan: Plan, chunk: Chunk) -> Rows:
    if plan.source is Form.CSV:
        from pennon.serving.batch.cells import CsvRows  # noqa: PLC0415  the ML stack

        return CsvRows(plan, chunk if chunk.data else filled(chunk, Path(plan.path)))
    from pennon.serving.batch.parquet import ParquetRows  # noqa: PLC0415  the same

    return ParquetRows(chunk)


@lru_cache(maxsize=1)
def _bundle(folder: Path) -> Bundle:
    return Bundle(folder)


def _predictions(folder: Path, frame: Any) -> NDArray[np.float64]:  # noqa: ANN401  a frame
    import numpy as np  # noqa: PLC0415  the ML stack

    with _one_at_a_time:  # a worker of a cluster has threads, and one package of the version's name
        bundle = _bundle(folder)
        try:
            return bundle.predict(frame) if len(frame) else np.empty(0)
        except PennonError:
            raise
        except Exception as error:  # noqa: BLE001  whatever their code raises is told
            hint = "it may need the libraries of its own time: see its manifest"
            what = f"{bundle.facts.model}@{bundle.facts.version} cannot score"
            raise ArtifactError(f"{what}: {error}", hint=hint) from None


def _place(error: PennonError, plan: Plan, chunk: Chunk) -> None:
    """Put file and rows in front of what the error says."""
    if not error.what.startswith(f"{plan.file}:"):
        error.what = f"{plan.file}: rows {chunk.first + 1:,} to {chunk.next.row:,}: {error.what}"
        error.args = (error.what,)


def _refusal(plan: Plan, chunk: Chunk, bad: list[Bad]) -> DataError:
    it = bad[0]
    column = f", column {it.column}" if it.column else ""
    others = f" (and {len(bad) - 1} more bad rows up to row {chunk.next.row:,})"
    return DataError(
        f"{plan.file}: row {chunk.first + it.at + 1}{column}: {it.what}"
        + (others if len(bad) > 1 else ""),
        hint="mend it, or leave such rows out: --on-bad skip",
    )


def _output(plan: Plan, kept: list[Any], predictions: NDArray[np.float64]) -> bytes:
    job = plan.job
    if not len(predictions):
        return b""
    if job.form is Form.PARQUET:
        from pennon.serving.batch.parquet import piece  # noqa: PLC0415  pyarrow

        return piece(job.keep, kept, predictions, job.version)
    columns = [_texts(it) for it in kept]
    # The shortest text that is read as the same number, as repr finds it, but several times faster.
    numbers = msgspec.json.encode(predictions.tolist()).decode()[1:-1].split(",")
    end = f",{job.version}\n"
    return (end.join(map(",".join, zip(*columns, numbers, strict=True))) + end).encode()


def _texts(values: Any) -> list[str]:  # noqa: ANN401  text, or an Arrow column
    """Cells as CSV has them."""
    listed = values if isinstance(values, list) else values.to_pylist()
    texts = ["" if it is None else str(it) for it in listed]
    joined = "".join(texts)
    if not any(sign in joined for sign in _QUOTED):
        return texts
    return [_quoted(it) if any(sign in it for sign in _QUOTED) else it for it in texts]


def _quoted(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"'


def _bad_output(rows: Rows, bad: list[Bad], first: int) -> bytes:
    """`row,reason`, then the cells of the row as they are in the file."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    for it in bad:
        reason = f"{it.column}: {it.what}" if it.column else it.what
        writer.writerow([first + it.at + 1, reason, *rows.cells(it.at)])
    return made.getvalue().encode()
