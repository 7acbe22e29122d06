"""Does the data give the answer away? Probes for the usual leaks, each with where and how much.

They look at rows, not at models, and cost seconds on a million rows
(tests/benchmarks/bench_probes.py). A finding is a question to people: a good column can look alike.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.aspects import Leak, Probe, Probes
from pennon.evaluation.closed import ranks
from pennon.evaluation.strength import as_numbers, correlation, strength
from pennon.evaluation.twins import among, repeated, row_hashes

Floats = NDArray[np.float64]

CELLS, FEWEST, MOST = 2_000_000, 1_000, 100_000
"""Values that are looked at in single columns, and the rows of a column: enough to see a leak."""
LEAST_OF_CLASS = 30
"""Rows of either class, or of all in a regression, below which a column may predict by luck."""
EXACT = 1 - 1e-9
FINE = 0.1
"""A column is fine where it has this many values for each row: as good as no two rows share one."""
RARE = 1e-3
"""Share of rows with a twin by chance, if columns had nothing to do with each other."""
SURE = 3.0  # standard errors


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """Which columns are what. `inputs` are those that a model may read.

    `ahead` are inputs whose dates are known before they come, such as a scheduled arrival.
    """

    task: Task
    target: str
    inputs: tuple[str, ...]
    key: tuple[str, ...]
    time: str | None = None
    ahead: tuple[str, ...] = ()
    seed: int = 0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Beyond which something is a finding.

    `alone`: ROC AUC or R² of one column. `twins`: share of the sealed rows that are in the training
    rows as well, beyond what chance explains. `late`: share of rows.
    """

    alone: float = 0.95
    twins: float = 0.01
    late: float = 0.01


def probe(
    it: Suspect, train: pd.DataFrame, holdout: pd.DataFrame, *, limits: Limits | None = None
) -> Probes:
    """Look for leaks in the rows to train on and the sealed rows, both with all their columns."""
    limits = limits or Limits()
    start = time.perf_counter()
    found = (
        *_columns(it, train, limits),
        _twins(it, train, holdout, limits),
        _keys(it, train, holdout),
        _late(it, train, limits),
    )
    return Probes(seconds=round(time.perf_counter() - start, 3), probes=found)


def _columns(it: Suspect, train: pd.DataFrame, limits: Limits) -> tuple[Probe, Probe]:
    """Copies of the target, and columns that predict it almost alone."""
    rows = _some(train, len(it.inputs), it.seed)
    truth = rows[it.target].to_numpy(dtype=np.float64)
    copies = Probe(name="target-copy", looked=0, value=0.0, limit=EXACT)
    alone = Probe(name="predicts-alone", looked=0, value=0.0, limit=limits.alone)
    if _fewest(truth, it.task) < LEAST_OF_CLASS:
        why = f"fewer than {LEAST_OF_CLASS} rows" + (
            " of a class" if it.task is Task.CLASSIFICATION else ""
        )
        return msgspec.structs.replace(copies, why=why), msgspec.structs.replace(alone, why=why)
    generator = np.random.default_rng(it.seed)
    seen = {name: strength(rows[name], truth, it.task, generator) for name in it.inputs}
    ordered = sorted(seen.items(), key=lambda pair: -pair[1])
    exact = [(name, value) for name, value in ordered if value >= EXACT]
    strong = [(name, value) for name, value in ordered if limits.alone <= value < EXACT]
    return (
        _seen(copies, seen, [Leak(where=n, value=v, what=_copy(rows[n], truth)) for n, v in exact]),
        _seen(alone, seen, [Leak(where=n, value=v, what=_strong(it, v)) for n, v in strong]),
    )


def _some(train: pd.DataFrame, columns: int, seed: int) -> pd.DataFrame:
    """So many rows that all columns together cost the same."""
    count = min(max(CELLS // max(columns, 1), FEWEST), MOST)
    if len(train) <= count:
        return train
    kept = np.random.default_rng(seed).choice(len(train), count, replace=False)
    return train.iloc[np.sort(kept)]


def _fewest(truth: Floats, task: Task) -> int:
    if task is Task.REGRESSION:
        return truth.size if np.ptp(truth) > 0 else 0
    return int(min((truth > 0).sum(), (truth <= 0).sum()))


def _seen(empty: Probe, seen: dict[str, float], leaks: list[Leak]) -> Probe:
    value = max(seen.values(), default=0.0)
    return msgspec.structs.replace(empty, looked=len(seen), value=value, leaks=tuple(leaks))


def _strong(it: Suspect, value: float) -> str:
    metric = "R²" if it.task is Task.REGRESSION else "ROC AUC"
    return f"predicts {it.target} almost alone: {metric} {value:.3f} without a model"


def _copy(values: pd.Series, truth: Floats) -> str:
    """What the column has to do with the target."""
    numbers = as_numbers(values)
    if numbers is None or np.isnan(numbers).any():
        return "each of its values belongs to one value of the target"
    if np.array_equal(numbers, truth):
        return "is the target"
    if abs(correlation(numbers, truth)) >= EXACT:
        slope, start = np.polyfit(truth, numbers, 1)
        return f"is {slope:.6g} × the target {start:+.6g}".replace("-", "−")
    ordered = correlation(ranks(numbers), ranks(truth))
    if abs(ordered) >= EXACT:
        return f"{'rises' if ordered > 0 else 'falls'} with the target, without exception"
    return "tells the target without exception"


def _twins(it: Suspect, train: pd.DataFrame, holdout: pd.DataFrame, limits: Limits) -> Probe:
    """Sealed rows that are training rows as well, in all inputs, but for rounding.

    Where columns are coarse, rows are alike by chance: as often as training rows are like others.
    """
    both = pd.concat([train[list(it.inputs)], holdout[list(it.inputs)]], ignore_index=True)
    hashes = row_hashes(both)
    ours = [of_grid[: len(train)] for of_grid in hashes]
    twin = among([of_grid[len(train) :] for of_grid in hashes], ours)
    by_chance = 0.0 if _are_fine(both) else float(repeated(ours).mean())
    spread = SURE * float(np.sqrt(by_chance * (1 - by_chance) / max(len(holdout), 1)))
    share, count = float(twin.mean()), int(twin.sum())
    value = max(0.0, share - by_chance)
    leaks = []
    if value > limits.twins + spread:
        what = f"{count} of {len(holdout)} sealed rows ({share:.1%}) are training rows as well"
        known = f", {by_chance:.1%} would be by chance" if by_chance else ""
        leaks.append(Leak(where="holdout", value=value, what=what + known))
    return Probe(
        name="holdout-in-training",
        looked=len(holdout),
        value=value,
        limit=limits.twins + spread,
        leaks=tuple(leaks),
    )


def _are_fine(frame: pd.DataFrame) -> bool:
    """Can two rows hardly be alike in all columns unless one is a copy of the other?"""
    rows = len(frame)
    alike = [_alike(frame[name]) for name in frame.columns]
    return bool(alike) and min(alike) * rows <= 1 / FINE and float(np.prod(alike)) * rows <= RARE


def _alike(values: pd.Series) -> float:
    """The chance that two rows have the same value."""
    rows = len(values)
    counts = np.bincount(pd.factorize(values)[0] + 1).astype(np.float64)
    return float((counts * (counts - 1)).sum()) / max(rows * (rows - 1), 1)


def _keys(it: Suspect, train: pd.DataFrame, holdout: pd.DataFrame) -> Probe:
    keys = pd.concat([train[list(it.key)], holdout[list(it.key)]], ignore_index=True)
    twice = keys.duplicated()
    count, share = int(twice.sum()), float(twice.mean())
    leaks = []
    if count:
        what = f"{count} rows have the key of another row"
        leaks.append(Leak(where=", ".join(it.key), value=share, what=what))
    return Probe(name="duplicate-key", looked=len(keys), value=share, limit=0.0, leaks=tuple(leaks))


def _late(it: Suspect, train: pd.DataFrame, limits: Limits) -> Probe:
    """Dates that lie after the moment of the prediction, in more than a few rows."""
    empty = Probe(name="after-time", looked=0, value=0.0, limit=limits.late)
    if it.time is None:
        return msgspec.structs.replace(empty, why="the dataset declares no `time`")
    shares = {date.name: date.share for date in _dates(it, train)}
    return _seen(
        empty,
        shares,
        [
            Leak(where=name, value=share, what=f"is after {it.time} in {share:.1%} of the rows")
            for name, share in sorted(shares.items(), key=lambda pair: -pair[1])
            if share > limits.late
        ],
    )


class _Date(NamedTuple):
    name: str
    share: float  # of rows in which it lies after the moment of the prediction


def _dates(it: Suspect, train: pd.DataFrame) -> Iterator[_Date]:
    moments = pd.to_datetime(train[it.time], utc=True)
    days = moments.dt.normalize()
    is_day = bool((moments == days).all())  # a date says nothing of the hour
    for name in it.inputs:
        if name in (it.time, *it.ahead):
            continue
        if not pd.api.types.is_datetime64_any_dtype(train[name]):
            continue
        values = pd.to_datetime(train[name], utc=True)
        late = (values.dt.normalize() > days) if is_day else (values > moments)
        yield _Date(name, float(late.mean()))
