"""What the leak probes cost: seconds and memory by the number of rows and columns.

    PYTHONPATH=tests/benchmarks python tests/benchmarks/bench_probes.py [ROWS [COLUMNS]]

Half of the columns are numbers, a quarter whole numbers, a quarter text of 50 to 5,000 values; the
first one copies the target with a little noise, and a hundredth of the sealed rows are in the
training rows, so that the seconds are those of a search that finds something.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from pennon.config import Task
from pennon.evaluation.probes import Suspect, probe


def table(rows: int, columns: int) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    left = generator.integers(0, 2, rows)
    made: dict[str, object] = {"id": np.arange(rows), "left": left}
    made["column 0"] = left + generator.normal(0, 0.2, rows)
    for i in range(1, columns):
        if i % 4 == 0:
            made[f"column {i}"] = generator.integers(0, 1000, rows)
        elif i % 4 == 1:
            names = np.array([f"name {k}" for k in range(50 if i % 8 == 1 else 5000)], dtype=object)
            made[f"column {i}"] = pd.Series(generator.choice(names, rows), dtype="str")
        else:
            made[f"column {i}"] = generator.normal(size=rows)
    return pd.DataFrame(made)


def main() -> None:
    rows = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    columns = int(sys.argv[2]) if sys.argv[2:] else 20
    frame = table(rows, columns)
    sealed = np.random.default_rng(2).random(rows) < 0.2
    holdout = frame[sealed]
    train = pd.concat([frame[~sealed], holdout.iloc[::50]])
    inputs = tuple(name for name in frame.columns if name.startswith("column"))
    it = Suspect(task=Task.CLASSIFICATION, target="left", inputs=inputs, key=("id",))
    before = peak()
    start = (time.perf_counter(), time.process_time())
    found = probe(it, train, holdout)
    wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
    print(f"{rows:,} rows x {columns} columns: {wall:.2f} s, of the processor {cpu:.2f} s")
    print(f"frame {frame.memory_usage(deep=True).sum() / 1e6:,.0f} MB")
    print(f"peak memory before {before:,.0f} MB, with the probes {peak():,.0f} MB")
    for probed, leak in found.leaks:
        print(f"  {probed.name}: {leak.where} {leak.what} ({leak.value:.4f})")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
