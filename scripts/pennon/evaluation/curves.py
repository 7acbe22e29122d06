"""From truth and predictions to the points of charts; scikit-learn's definitions, in numpy.

All functions take truth (n,) and predictions (n,) as float64 without NaN; classifiers: truth in
{0, 1} with both there, predictions in [0, 1]. `compare.evaluate` has checked that before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.points import (
    Calibration,
    Classifier,
    ClassifierCurves,
    Curves,
    Fan,
    Regressor,
    RegressorCurves,
    Sweep,
)

Floats = NDArray[np.float64]

MOST_POINTS = 150
"""Of a curve; half a pixel apart on a chart of 300."""
CALIBRATION_BINS = 10
PREDICTION_BINS = 20
FAN_BINS = 20
RESIDUAL_BINS = 40
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def curves(
    task: Task,
    truth: Floats,
    candidate: Floats,
    champion: Floats | None = None,
    *,
    threshold: float = 0.5,
) -> Curves:
    """The points of every chart of two models on the same rows (n,)."""
    if task is Task.REGRESSION:
        return _regressors(truth, candidate, champion)
    grid = thresholds(candidate, threshold)
    return ClassifierCurves(
        rows=truth.size,
        positives=int((truth > 0).sum()),
        threshold=threshold,
        candidate=_classifier(truth, candidate, grid),
        champion=None if champion is None else _classifier(truth, champion, grid),
    )


def thresholds(prediction: Floats, decides: float) -> Floats:
    """Where a confusion matrix is worth a look, from high to low: at most 153 of them.

    Each fiftieth, the percentiles of the predictions (a rare class has all of them near zero) with
    three digits, and the one that decides.
    """
    percentiles = np.percentile(prediction, np.arange(1, 100))
    grid = [*np.linspace(0, 1, 51).round(2), *map(_short, percentiles), decides]
    return np.unique(np.clip(grid, 0, 1))[::-1]


def sweep(truth: Floats, prediction: Floats, most: int = MOST_POINTS) -> Sweep:
    """At most `2 * most` of the thresholds where the counts change: Fawcett (2006), algorithm 1.

    They are spread evenly along the ROC curve and along the precision-recall curve, ends included.
    """
    order = np.argsort(-prediction, kind="stable")
    score, hit = prediction[order], truth[order] > 0
    last = np.append(np.flatnonzero(np.diff(score)), score.size - 1)  # of rows with one prediction
    right = np.cumsum(hit)[last]
    wrong = last + 1 - right
    recall, false_alarm = right / right[-1], wrong / max(wrong[-1], 1)
    kept = np.union1d(
        _evenly(false_alarm, recall, most), _evenly(recall, right / (right + wrong), most)
    )
    return _sweep(score[last][kept], right[kept], wrong[kept])


def counted(truth: Floats, prediction: Floats, at: Floats) -> Sweep:
    """The counts at given thresholds."""
    ordered, of_positive = np.sort(prediction), np.sort(prediction[truth > 0])
    called = prediction.size - np.searchsorted(ordered, at, side="left")
    right = of_positive.size - np.searchsorted(of_positive, at, side="left")
    return _sweep(at, right, called - right)


def calibration(truth: Floats, prediction: Floats, bins: int = CALIBRATION_BINS) -> Calibration:
    """Bins between quantiles of the predictions, as calibration_curve(strategy="quantile")."""
    edges = np.percentile(prediction, np.linspace(0, 100, bins + 1)[1:-1])
    place = np.searchsorted(edges, prediction)
    rows = np.bincount(place, minlength=bins)
    there = rows > 0
    total = np.bincount(place, weights=prediction, minlength=bins)[there]
    hits = np.bincount(place, weights=truth, minlength=bins)[there]
    return Calibration(
        predicted=_floats(total / rows[there]), rows=_ints(rows[there]), positive=_ints(hits)
    )


def fan(prediction: Floats, residual: Floats, bins: int = FAN_BINS) -> Fan:
    """Quantiles of the residual among rows with like predictions; bins of about as many rows."""
    edges = np.unique(np.quantile(prediction, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, prediction)
    order = np.argsort(place, kind="stable")
    counts = np.bincount(place, minlength=edges.size + 1)
    groups = [rows for rows in np.split(order, np.cumsum(counts)[:-1]) if rows.size]
    return Fan(
        predicted=tuple(float(prediction[rows].mean()) for rows in groups),
        rows=tuple(rows.size for rows in groups),
        quantiles=tuple(_floats(np.quantile(residual[rows], QUANTILES)) for rows in groups),
    )


def _classifier(truth: Floats, prediction: Floats, grid: Floats) -> Classifier:
    counts, _ = np.histogram(prediction, bins=PREDICTION_BINS, range=(0, 1))
    return Classifier(
        sweep=sweep(truth, prediction),
        at=counted(truth, prediction, grid),
        calibration=calibration(truth, prediction),
        predictions=_ints(counts),
    )


def _regressors(truth: Floats, candidate: Floats, champion: Floats | None) -> RegressorCurves:
    everybody = [candidate] if champion is None else [candidate, champion]
    residuals = [prediction - truth for prediction in everybody]
    low, high = np.quantile(np.concatenate(residuals), (0.005, 0.995))
    edges = np.linspace(low, high if high > low else low + 1, RESIDUAL_BINS + 1)
    ours, *theirs = (
        Regressor(fan=fan(prediction, residual), residuals=_between(residual, edges))
        for prediction, residual in zip(everybody, residuals, strict=True)
    )
    return RegressorCurves(
        rows=truth.size,
        quantiles=QUANTILES,
        edges=_floats(edges),
        candidate=ours,
        champion=theirs[0] if theirs else None,
    )


def _between(values: Floats, edges: Floats) -> tuple[int, ...]:
    """Rows below the first edge, between each two, and from the last one on."""
    place = np.searchsorted(edges, values, side="right")
    return _ints(np.bincount(place, minlength=edges.size + 1))


def _evenly(x: Floats, y: Floats, most: int) -> NDArray[np.intp]:
    """Places in a curve, about as far from each other as it goes sideways and up together."""
    if x.size <= most:
        return np.arange(x.size)
    far = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    wanted = np.linspace(0, far[-1], most)
    return np.unique(np.append(np.searchsorted(far, wanted).clip(0, x.size - 1), x.size - 1))


def _sweep(at: Floats, right: NDArray[Any], wrong: NDArray[Any]) -> Sweep:
    return Sweep(thresholds=_floats(at), true_positive=_ints(right), false_positive=_ints(wrong))


def _short(number: float) -> float:
    return float(f"{number:.3g}")


def _floats(values: NDArray[Any]) -> tuple[float, ...]:
    return tuple(map(float, values))


def _ints(values: NDArray[Any]) -> tuple[int, ...]:
    return tuple(map(int, values))
