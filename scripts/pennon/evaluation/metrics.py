"""Metrics over weighted rows: one pass scores every resample of the same rows.

A weight counts how often a row was drawn; with weights of one the metrics equal scikit-learn's
functions of the same name with `sample_weight`, which is the oracle of their tests. A resample in
which a metric is not defined (no positive row was drawn, say) gives NaN. Most metrics are functions
of a few sums over rows (`Sums`), so that groups of rows can be summed before they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pennon.evaluation.names import COST

Floats = NDArray[np.float64]
Loss = Callable[[Floats, Floats], Floats]
Weighted = Callable[[Floats, Floats, Floats], Floats]
"""(truth (n,), prediction (n,), weights (r, n)) -> (r,) float64."""

_TINY = np.finfo(np.float64).eps
"""scikit-learn's log_loss keeps probabilities this far from 0 and 1 (float64 predictions)."""


class Sums(NamedTuple):
    """`columns` gives (n, k) of truth, prediction and threshold; `combine` (r, k) sums -> (r,)."""

    columns: Callable[[Floats, Floats, float], Floats]
    combine: Callable[[Floats], Floats]


def vectorised(name: str, threshold: float = 0.5) -> Weighted:
    """The function of a metric; `threshold` turns probabilities into labels where it needs them."""
    if name in RANKED:
        return RANKED[name]
    it = SUMS[name]
    return lambda truth, prediction, weights: it.combine(
        weights @ it.columns(truth, prediction, threshold)
    )


def hits(truth: Floats, prediction: Floats, threshold: float) -> NDArray[np.bool_]:
    """Is the label right? (n,)"""
    found: NDArray[np.bool_] = (prediction >= threshold) == (truth > 0)
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _log_loss(truth: Floats, prediction: Floats) -> Floats:
    kept = np.clip(prediction, _TINY, 1 - _TINY)
    return -(truth * np.log(kept) + (1 - truth) * np.log1p(-kept))


def _squared(truth: Floats, prediction: Floats) -> Floats:
    return (truth - prediction) ** 2


def _absolute(truth: Floats, prediction: Floats) -> Floats:
    return np.abs(truth - prediction)


def _given(_: Floats, cost: Floats) -> Floats:
    """What stands in for predictions is the cost of each row already."""
    return cost


LOSSES: dict[str, Loss] = {
    "log_loss": _log_loss,
    "brier_score": _squared,
    "mean_absolute_error": _absolute,
    "mean_squared_error": _squared,
    COST: _given,
}
"""Metrics that are the mean of one number per row."""


def _cells(truth: Floats, prediction: Floats, threshold: float) -> Floats:
    """True positives, false positives, false negatives, true negatives."""
    said, actual = prediction >= threshold, truth > 0
    cells = [actual & said, ~actual & said, actual & ~said, ~actual & ~said]
    return np.stack(cells, axis=1).astype(np.float64)


def _moments(truth: Floats, prediction: Floats, _: float) -> Floats:
    squared = (truth - prediction) ** 2
    return np.stack([np.ones_like(truth), truth, truth**2, squared], axis=1)


def _mean_of(loss: Loss) -> Callable[[Floats, Floats, float], Floats]:
    return lambda truth, prediction, _: np.stack(
        [loss(truth, prediction), np.ones_like(truth)], axis=1
    )


def _mean(sums: Floats) -> Floats:
    return _ratio(sums[:, 0], sums[:, 1])


def _accuracy(cells: Floats) -> Floats:
    return _ratio(cells[:, 0] + cells[:, 3], cells.sum(axis=1))


def _balanced_accuracy(cells: Floats) -> Floats:
    tp, fp, fn, tn = cells.T
    return (_ratio(tp, tp + fn) + _ratio(tn, tn + fp)) / 2


def _f1(cells: Floats) -> Floats:
    tp, fp, fn, _ = cells.T
    return _ratio(2 * tp, 2 * tp + fp + fn)


def _precision(cells: Floats) -> Floats:
    return _ratio(cells[:, 0], cells[:, 0] + cells[:, 1])


def _recall(cells: Floats) -> Floats:
    return _ratio(cells[:, 0], cells[:, 0] + cells[:, 2])


def _r2(moments: Floats) -> Floats:
    total, first, second, squared = moments.T
    mean = _ratio(first, total)
    return 1 - _ratio(squared, second - total * mean**2)


SUMS: dict[str, Sums] = {
    **{name: Sums(_mean_of(loss), _mean) for name, loss in LOSSES.items()},
    "root_mean_squared_error": Sums(_mean_of(_squared), lambda sums: np.sqrt(_mean(sums))),
    "r2": Sums(_moments, _r2),
    "accuracy": Sums(_cells, _accuracy),
    "balanced_accuracy": Sums(_cells, _balanced_accuracy),
    "f1": Sums(_cells, _f1),
    "precision": Sums(_cells, _precision),
    "recall": Sums(_cells, _recall),
}


def _roc_auc(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    """The share of (positive, negative) pairs in the right order, ties for one half.

    With rows sorted by prediction, each positive is worth the negative weight below its group of
    equal predictions plus half of the group's own (the weighted Mann-Whitney statistic).
    """
    order = np.argsort(prediction, kind="stable")
    drawn, positive = _heaps(truth, prediction, weights, order)
    negative = drawn - positive
    below = np.cumsum(negative, axis=1) - negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    return _ratio(np.einsum("ij,ij->i", positive, below), pairs)


def _average_precision(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    """Sum over thresholds of the recall gained times the precision there."""
    order = np.argsort(-prediction, kind="stable")
    drawn, positive = _heaps(truth, prediction, weights, order)
    above = np.cumsum(drawn, axis=1)
    precision = np.cumsum(positive, axis=1) / np.maximum(above, 1)  # no row drawn: nothing gained
    return _ratio(np.einsum("ij,ij->i", positive, precision), positive.sum(axis=1))


def _heaps(
    truth: Floats, prediction: Floats, weights: Floats, order: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Weight of all and of positive rows (r, groups) for each group of equal predictions."""
    drawn = np.take(weights, order, axis=1)
    positive = drawn * truth[order].astype(weights.dtype)
    ordered = prediction[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if starts.size < order.size:
        drawn = np.add.reduceat(drawn, starts, axis=1)
        positive = np.add.reduceat(positive, starts, axis=1)
    return drawn.astype(np.float64), positive.astype(np.float64)


def _median_absolute(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    """The weighted median, averaged where exactly half of the weight lies below."""
    errors = np.abs(truth - prediction)
    order = np.argsort(errors, kind="stable")
    errors, heaped = errors[order], np.cumsum(weights[:, order], axis=1)
    half = heaped[:, -1:] / 2
    lower = errors[(heaped < half).sum(axis=1).clip(max=errors.size - 1)]
    upper = errors[(heaped <= half).sum(axis=1).clip(max=errors.size - 1)]
    return np.where(heaped[:, -1] > 0, (lower + upper) / 2, np.nan)


RANKED: dict[str, Weighted] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "median_absolute_error": _median_absolute,
}
"""Metrics that need the order of the rows: no sum of groups stands for them."""
