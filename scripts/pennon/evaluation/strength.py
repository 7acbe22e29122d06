"""How well one column alone predicts the target, by ranks and by target means, without a model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.closed import ranks

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

BINS = 100
"""Bins of equally many rows: a number predicts by its bin what its order alone does not."""
FOLDS = 5


def strength(values: pd.Series, truth: Floats, task: Task, generator: np.random.Generator) -> float:
    """How well `values` (n,) predict `truth` (n,): ROC AUC from 0.5, or R² from 0, up to 1.

    The better of two: the order of the values (regression: Spearman's correlation, squared), and
    the mean of the target among equal values or in a bin, taken from other rows (out of fold). An
    empty cell is a value, below all others: where a cell is filled may be all that a leak needs.
    """
    numbers = as_numbers(values)
    if numbers is None:
        return _score(_means(pd.factorize(values)[0] + 1, truth, generator), truth, task)
    ranked = ranks(np.where(np.isnan(numbers), -np.inf, numbers))
    means = _means(_bins(numbers, ranked), truth, generator)
    return max(_ordered(ranked, truth, task), _score(means, truth, task))


def as_numbers(values: pd.Series) -> Floats | None:
    """(n,) with NaN for empty cells; moments as their number. None where they are no numbers."""
    kinds = pd.api.types
    if kinds.is_datetime64_any_dtype(values):
        return np.where(values.isna(), np.nan, pd.DatetimeIndex(values).asi8.astype(np.float64))
    if kinds.is_numeric_dtype(values):  # booleans are, too
        found: Floats = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return found
    return None


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's; 0 where one of them does not vary."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size > 0 else 0.0


def _ordered(ranked: Floats, truth: Floats, task: Task) -> float:
    if task is Task.REGRESSION:
        return correlation(ranked, ranks(truth)) ** 2
    area = _area(ranked, truth > 0)
    return max(area, 1 - area)


def _area(ranked: Floats, positive: NDArray[np.bool_]) -> float:
    """ROC AUC by the rank sum (Mann and Whitney 1947)."""
    m = int(positive.sum())
    n = positive.size - m
    return (float(ranked[positive].sum()) - m * (m + 1) / 2) / (m * n)


def _score(predicted: Floats, truth: Floats, task: Task) -> float:
    if task is Task.CLASSIFICATION:
        return _area(ranks(predicted), truth > 0)
    total = float(((truth - truth.mean()) ** 2).sum())
    return max(0.0, 1 - float(((truth - predicted) ** 2).sum()) / total)


def _bins(numbers: Floats, ranked: Floats) -> Codes:
    """Bins of equally many rows, equal numbers together, empty cells apart."""
    bins = 1 + np.floor((ranked - 1) * BINS / numbers.size).astype(np.intp)
    bins[np.isnan(numbers)] = 0
    return bins


def _means(codes: Codes, truth: Floats, generator: np.random.Generator) -> Floats:
    """(n,): for each row the mean target of its code in the other folds; of all where it is new."""
    folds = generator.integers(FOLDS, size=codes.size)
    count = int(codes.max()) + 1
    cells = folds * count + codes
    rows = np.bincount(cells, minlength=FOLDS * count).reshape(FOLDS, count)
    sums = np.bincount(cells, truth, minlength=FOLDS * count).reshape(FOLDS, count)
    other_rows = (rows.sum(axis=0) - rows)[folds, codes]
    other_sums = (sums.sum(axis=0) - sums)[folds, codes]
    found: Floats = np.full(codes.size, truth.mean())
    np.divide(other_sums, other_rows, out=found, where=other_rows > 0)
    return found
