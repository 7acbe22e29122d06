"""Intervals of metrics and of their differences: a paired bootstrap over the same rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pennon.errors import EvaluationError
from pennon.evaluation.metrics import vectorised
from pennon.evaluation.names import check
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import Scores

Floats = NDArray[np.float64]

CELLS = 4_000_000
"""Weights held at once: 16 MB in float32, whatever the number of rows."""


def paired_scores(
    plan: Plan, truth: Floats, predictions: tuple[Floats, Floats], confidence: float
) -> tuple[Scores, ...]:
    drawn = _resample(plan, truth, predictions)
    once = np.ones((1, truth.size))
    edges = ((1 - confidence) / 2, (1 + confidence) / 2)
    found = []
    for i, name in enumerate(plan.names):
        metric = vectorised(name, plan.threshold)
        ours, theirs = (float(metric(truth, p, once)[0]) for p in predictions)
        if not np.isfinite([ours, theirs]).all():
            raise EvaluationError(
                f"{name} is not defined on these {truth.size} rows",
                hint="no row is predicted positive, or the target does not vary",
            )
        low, high = _interval(drawn[0, i], edges)
        below, above = _interval(drawn[0, i] - drawn[1, i], edges)
        found.append(
            Scores(
                metric=name,
                greater_is_better=check(name, plan.task).greater_is_better,
                candidate=ours,
                candidate_low=low,
                candidate_high=high,
                reference=theirs,
                difference=ours - theirs,
                low=below,
                high=above,
            )
        )
    return tuple(found)


def _interval(values: Floats, edges: tuple[float, float]) -> tuple[float, float]:
    low, high = np.nanquantile(values, edges)
    return float(low), float(high)


def _resample(plan: Plan, truth: Floats, predictions: tuple[Floats, Floats]) -> Floats:
    """(2, metrics, resamples): both models under the same Poisson(1) weights.

    Poisson weights are the bootstrap without an index take: Hanley and MacGibbon (2006),
    Chamandy et al. (2012). Drawn in blocks, so that memory does not grow with the rows.
    """
    generator = np.random.default_rng(plan.seed)
    metrics = [vectorised(name, plan.threshold) for name in plan.names]
    found = np.empty((2, len(metrics), plan.resamples))
    block = max(1, CELLS // truth.size)
    for start in range(0, plan.resamples, block):
        stop = min(start + block, plan.resamples)
        weights = generator.poisson(1.0, (stop - start, truth.size)).astype(np.float32)
        for j, prediction in enumerate(predictions):
            for i, metric in enumerate(metrics):
                found[j, i, start:stop] = metric(truth, prediction, weights)
    return found
