"""What it costs to run a bundle: size, load, latency, memory, measured in a process of its own."""

from __future__ import annotations

import os
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.lock import pins
from pennon.errors import ArtifactError, PennonError

if TYPE_CHECKING:
    import pandas as pd

WARM, FEWEST, ROWS = 10, 5, 50
"""Calls that are not counted; calls that are made however slow; different rows that are asked."""

METHOD = (
    "A fresh process with one thread loads the artifact after its libraries and predicts one row "
    "at a time, with the version's own features and without HTTP. Peak memory: of that process "
    "(resident set), and what loading and predicting added to the peak of the libraries alone."
)

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """`size` and memory in bytes, times in seconds; `calls` were timed.

    `processor` is the time that one row takes of it: other processes of a busy machine slow the
    latencies down, not this. A command runs elsewhere: it has neither that nor memory here. Nor is
    there memory where the system does not tell it.
    """

    size: int
    load: float
    latency_median: float
    latency_p95: float
    processor: float | None
    memory: int | None
    memory_model: int | None
    calls: int


def footprint(folder: Path, rows: pd.DataFrame, *, calls: int = 200, seconds: float = 10.0) -> Cost:
    """Measure the bundle in `folder` with raw `rows` (n, columns) to predict one by one.

    It ends after `calls` or `seconds`, whatever comes first. Raises ArtifactError where the bundle
    cannot be loaded or cannot predict here.
    """
    if rows.empty:
        raise ArtifactError(f"no row to measure {folder.name} with")
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=_alone) as process:
        try:
            return process.submit(_measure, folder, rows.head(ROWS), calls, seconds).result()
        except PennonError as error:
            raise ArtifactError(error.what, hint=error.hint) from error
        except BrokenProcessPool:
            what = f"the process that measured {folder.name} was killed"
            raise ArtifactError(what, hint="it may have run out of memory") from None
        except Exception as error:
            raise ArtifactError(f"{folder.name} cannot be measured: {error}") from error


def added(lock: str, other: str) -> tuple[str, ...]:
    """The libraries of a lock (`name==version`) whose name another lock has not, sorted."""
    known = {pin.name for pin in pins(other)}
    return tuple(sorted({f"{it.name}=={it.version}" for it in pins(lock) if it.name not in known}))


def _alone() -> None:
    """One thread, said before any library is there to read it."""
    for name in _THREADS:
        os.environ[name] = "1"  # noqa: TID251  of this process, which lives for one measurement


def _measure(folder: Path, rows: pd.DataFrame, calls: int, seconds: float) -> Cost:
    import skops.io  # noqa: F401, PLC0415  the ML stack is no part of the model

    before = _peak()
    start = time.perf_counter()
    bundle = Bundle(folder)
    bundle.load()
    load = time.perf_counter() - start
    times, processor = _latencies(bundle, rows, calls, seconds)
    own = not bundle.model.command
    peak = _peak() if own else None
    return Cost(
        size=bundle.artifact.stat().st_size,
        load=load,
        latency_median=_quantile(times, 0.5),
        latency_p95=_quantile(times, 0.95),
        processor=processor if own else None,
        memory=peak,
        memory_model=peak - before if peak is not None and before is not None else None,
        calls=len(times),
    )


def _latencies(
    bundle: Bundle, rows: pd.DataFrame, calls: int, seconds: float
) -> tuple[list[float], float]:
    """Seconds of each counted call, sorted, and the median time of the processor."""
    single = [rows.iloc[[i]] for i in range(len(rows))]
    until = time.perf_counter() + seconds
    found = []
    for i in range(WARM + calls):
        start = (time.perf_counter(), time.process_time())
        bundle.predict(single[i % len(single)])
        end = time.perf_counter()
        found.append((end - start[0], time.process_time() - start[1]))
        if end > until and i + 1 >= FEWEST:
            break
    counted = found[min(WARM, len(found) // 2) :]
    return sorted(wall for wall, _ in counted), _quantile(sorted(cpu for _, cpu in counted), 0.5)


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _peak() -> int | None:
    """Bytes that this process held at most. None where the system does not tell it.

    Linux: not what `getrusage` says, which starts with the size of the process that started this.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    try:
        import resource  # noqa: PLC0415  not on Windows
    except ImportError:
        return None
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024
