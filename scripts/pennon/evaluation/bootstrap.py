"""Intervals of metrics and of their differences: a paired bootstrap over the same rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pennon.errors import EvaluationError
from pennon.evaluation.metrics import vectorised
from pennon.evaluation.names import Metric, check
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import Scores

Floats = NDArray[np.float64]

CELLS = 4_000_000
"""Weights held at once: 16 MB in float32, whatever the number of rows."""


def scores_beside(
    plan: Plan,
    names: Sequence[str],
    truth: Floats,
    predictions: Sequence[Floats],
    *,
    confidence: float,
) -> list[tuple[Scores, ...]]:
    """The first of `predictions` (each (n,)) beside each of the others, on the same draws.

    One tuple of scores for each reference, in the order of `names`. Raises EvaluationError for a
    metric that is not defined on these rows.
    """
    drawn = _resample(plan, names, truth, predictions)
    points = _points(plan, names, truth, predictions)
    edges = ((1 - confidence) / 2, (1 + confidence) / 2)
    return [
        tuple(
            _scores(check(name, plan.task), points[[0, j], i], drawn[[0, j], i], edges)
            for i, name in enumerate(names)
        )
        for j in range(1, len(predictions))
    ]


def _scores(metric: Metric, points: Floats, drawn: Floats, edges: tuple[float, float]) -> Scores:
    """`points` (2,) and `drawn` (2, resamples) of the candidate and of its reference."""
    low, high = _interval(drawn[0], edges)
    below, above = _interval(drawn[0] - drawn[1], edges)
    return Scores(
        metric=metric.name,
        greater_is_better=metric.greater_is_better,
        candidate=float(points[0]),
        candidate_low=low,
        candidate_high=high,
        reference=float(points[1]),
        difference=float(points[0] - points[1]),
        low=below,
        high=above,
    )


def _points(
    plan: Plan, names: Sequence[str], truth: Floats, predictions: Sequence[Floats]
) -> Floats:
    """(models, metrics): the metrics themselves, every row counted once."""
    once = np.ones((1, truth.size))
    metrics = [vectorised(name, plan.threshold) for name in names]
    found = np.array([[metric(truth, p, once)[0] for metric in metrics] for p in predictions])
    for i, name in enumerate(names):
        if not np.isfinite(found[:, i]).all():
            raise EvaluationError(
                f"{name} is not defined on these {truth.size} rows",
                hint="no row is predicted positive, or the target does not vary",
            )
    return found


def _interval(values: Floats, edges: tuple[float, float]) -> tuple[float, float]:
    low, high = np.nanquantile(values, edges)
    return float(low), float(high)


def _resample(
    plan: Plan, names: Sequence[str], truth: Floats, predictions: Sequence[Floats]
) -> Floats:
    """(models, metrics, resamples): every model under the same Poisson(1) weights.

    Poisson weights are the bootstrap without an index take: Hanley and MacGibbon (2006),
    Chamandy et al. (2012). Drawn in blocks, so that memory does not grow with the rows.
    """
    generator = np.random.default_rng(plan.seed)
    metrics = [vectorised(name, plan.threshold) for name in names]
    found = np.empty((len(predictions), len(metrics), plan.resamples))
    block = max(1, CELLS // truth.size)
    for start in range(0, plan.resamples, block):
        stop = min(start + block, plan.resamples)
        weights = generator.poisson(1.0, (stop - start, truth.size)).astype(np.float32)
        for j, prediction in enumerate(predictions):
            for i, metric in enumerate(metrics):
                found[j, i, start:stop] = metric(truth, prediction, weights)
    return found
