"""What the report page costs: its data on 1,000,000 rows, and its text.

PYTHONPATH=tests python tests/benchmarks/bench_page.py
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import msgspec
import numpy as np
import pandas as pd

from pennon.config import Column, Contract, Dataset, Kind, Task
from pennon.datasets.profile import difference, profile
from pennon.evaluation.curves import curves

ROWS = 1_000_000
RANDOM = np.random.default_rng(1)


def table() -> tuple[pd.DataFrame, Dataset]:
    """20 columns: 8 numbers, 5 integers, 4 texts, a boolean, a moment, a key."""
    columns: dict[str, object] = {"id": np.arange(ROWS).astype(str)}
    kinds = {"id": Kind.STRING}
    for i in range(8):
        values = RANDOM.lognormal(size=ROWS)
        values[RANDOM.random(ROWS) < 0.02 * i] = np.nan
        columns[f"number{i}"], kinds[f"number{i}"] = values, Kind.NUMBER
    for i in range(5):
        columns[f"integer{i}"] = RANDOM.integers(0, 10 ** (i + 1), ROWS)
        kinds[f"integer{i}"] = Kind.INTEGER
    for i in range(4):
        columns[f"text{i}"] = RANDOM.integers(0, 10 ** (i + 1), ROWS).astype(str)
        kinds[f"text{i}"] = Kind.STRING
    columns["boolean"], kinds["boolean"] = RANDOM.random(ROWS) < 0.1, Kind.BOOLEAN
    seconds = pd.to_datetime(RANDOM.integers(0, 10**9, ROWS), unit="s", utc=True)
    columns["moment"], kinds["moment"] = seconds, Kind.DATETIME
    contract = Contract(columns={name: Column(type=kind) for name, kind in kinds.items()})
    return pd.DataFrame(columns), Dataset(source="x.csv", key=("id",), contract=contract)


def timed(name: str, do: Callable[[], object]) -> None:
    start = time.perf_counter()
    text = msgspec.json.encode(do())
    print(f"{name:38} {time.perf_counter() - start:6.2f} s {len(text) / 1000:8.1f} kB")


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    frame, dataset = table()
    truth = (RANDOM.random(ROWS) < 0.1).astype(np.float64)
    ours, theirs = RANDOM.random(ROWS), RANDOM.random(ROWS)
    before = peak()
    print(f"{ROWS:,} rows x {frame.shape[1]} columns")
    timed("profile", lambda: profile(frame, dataset))
    found = profile(frame, dataset)
    timed("difference of two profiles", lambda: difference(found, found))
    timed("curves of two classifiers", lambda: curves(Task.CLASSIFICATION, truth, ours, theirs))
    timed("curves of two regressors", lambda: curves(Task.REGRESSION, truth, ours, theirs))
    print(f"peak memory {before} -> {peak()} MB")


if __name__ == "__main__":
    main()
