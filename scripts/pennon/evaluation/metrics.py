"""Metrics vectorised over weights: one pass scores every resample of the same rows.

Each function takes truth (n,), prediction (n,) and weights (r, n) and returns (r,) float64.
A weight counts how often a row was drawn; with weights of one they equal scikit-learn's functions
of the same name with `sample_weight`, which is the oracle of their tests. A resample in which a
metric is not defined (no positive row was drawn, say) gives NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Weighted = Callable[[Floats, Floats, Floats], Floats]

_TINY = np.finfo(np.float64).eps
"""scikit-learn's log_loss keeps probabilities this far from 0 and 1 (float64 predictions)."""


def vectorised(name: str, threshold: float = 0.5) -> Weighted:
    """The function of a metric; `threshold` turns probabilities into labels where it needs them."""
    by_label = _BY_LABEL.get(name)
    return partial(by_label, threshold=threshold) if by_label else _BY_VALUE[name]


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, above / below, np.nan)


def _mean(values: Floats, weights: Floats) -> Floats:
    return _ratio(weights @ values, weights.sum(axis=1))


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


def _confusion(
    truth: Floats, prediction: Floats, weights: Floats, threshold: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights of (true positives, false positives, false negatives, true negatives)."""
    said = prediction >= threshold
    actual = truth > 0
    cells = np.stack([actual & said, ~actual & said, actual & ~said, ~actual & ~said])
    tp, fp, fn, tn = (weights @ cells.T.astype(weights.dtype)).T
    return tp, fp, fn, tn


def _accuracy(truth: Floats, prediction: Floats, weights: Floats, *, threshold: float) -> Floats:
    return _mean(((prediction >= threshold) == (truth > 0)).astype(np.float64), weights)


def _balanced_accuracy(
    truth: Floats, prediction: Floats, weights: Floats, *, threshold: float
) -> Floats:
    tp, fp, fn, tn = _confusion(truth, prediction, weights, threshold)
    return (_ratio(tp, tp + fn) + _ratio(tn, tn + fp)) / 2


def _f1(truth: Floats, prediction: Floats, weights: Floats, *, threshold: float) -> Floats:
    tp, fp, fn, _ = _confusion(truth, prediction, weights, threshold)
    return _ratio(2 * tp, 2 * tp + fp + fn)


def _precision(truth: Floats, prediction: Floats, weights: Floats, *, threshold: float) -> Floats:
    tp, fp, _, _ = _confusion(truth, prediction, weights, threshold)
    return _ratio(tp, tp + fp)


def _recall(truth: Floats, prediction: Floats, weights: Floats, *, threshold: float) -> Floats:
    tp, _, fn, _ = _confusion(truth, prediction, weights, threshold)
    return _ratio(tp, tp + fn)


def _log_loss(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    kept = np.clip(prediction, _TINY, 1 - _TINY)
    return _mean(-(truth * np.log(kept) + (1 - truth) * np.log1p(-kept)), weights)


def _squared(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    return _mean((truth - prediction) ** 2, weights)


def _root_squared(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    return np.sqrt(_squared(truth, prediction, weights))


def _absolute(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    return _mean(np.abs(truth - prediction), weights)


def _median_absolute(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    """The weighted median, averaged where exactly half of the weight lies below."""
    errors = np.abs(truth - prediction)
    order = np.argsort(errors, kind="stable")
    errors, heaped = errors[order], np.cumsum(weights[:, order], axis=1)
    half = heaped[:, -1:] / 2
    lower = errors[(heaped < half).sum(axis=1).clip(max=errors.size - 1)]
    upper = errors[(heaped <= half).sum(axis=1).clip(max=errors.size - 1)]
    return np.where(heaped[:, -1] > 0, (lower + upper) / 2, np.nan)


def _r2(truth: Floats, prediction: Floats, weights: Floats) -> Floats:
    total = weights.sum(axis=1)
    mean = _ratio(weights @ truth, total)
    spread = weights @ (truth**2) - total * mean**2
    return 1 - _ratio(weights @ ((truth - prediction) ** 2), spread)


_BY_VALUE: dict[str, Weighted] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "log_loss": _log_loss,
    "brier_score": _squared,
    "mean_absolute_error": _absolute,
    "root_mean_squared_error": _root_squared,
    "mean_squared_error": _squared,
    "median_absolute_error": _median_absolute,
    "r2": _r2,
}
_BY_LABEL: dict[str, Callable[..., Floats]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _f1,
    "precision": _precision,
    "recall": _recall,
}
