"""Two models on the same rows: each metric, its difference, and the noise of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.errors import EvaluationError
from pennon.evaluation import closed
from pennon.evaluation.bootstrap import resample
from pennon.evaluation.estimate import Noise, together
from pennon.evaluation.metrics import LOSSES, hits, vectorised
from pennon.evaluation.names import Metric, check
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import Method, Scores

Floats = NDArray[np.float64]
Groups = NDArray[Any] | None

_FEWEST = 0.9
"""Share of resamples in which a metric has to be defined: fewer say nothing of its noise."""


class _Found(msgspec.Struct, frozen=True):
    """The noise of our value and of the difference from one reference."""

    own: Noise
    difference: Noise
    method: Method
    p_value: float | None = None


def scores_beside(
    plan: Plan,
    names: Sequence[str],
    truth: Floats,
    predictions: Sequence[Floats],
    *,
    confidence: float,
    groups: Groups = None,
) -> list[tuple[Scores, ...]]:
    """The first of `predictions` (each (n,)) beside each of the others, on the same rows.

    One tuple of scores for each reference, in the order of `names`. `groups` (n,) labels rows that
    are not independent of each other. Raises EvaluationError for a metric that is not defined here.
    """
    values = _values(plan, names, truth, predictions)
    found: dict[str, list[_Found]] = {}
    for name in names:
        method = _CLOSED.get(name) if groups is None else None
        if method:
            found[name] = method(name, plan, truth, predictions)
    drawn = [name for name in names if name not in found]
    if drawn:
        found |= _drawn(plan, drawn, truth, predictions, groups=groups)
    return [
        tuple(
            _scores(
                check(name, plan.task),
                (values[0, i], values[j, i]),
                found[name][j - 1],
                confidence,
            )
            for i, name in enumerate(names)
        )
        for j in range(1, len(predictions))
    ]


def _scores(metric: Metric, values: tuple[float, float], it: _Found, confidence: float) -> Scores:
    ours, theirs = (float(value) for value in values)
    own_low, own_high = it.own.interval(confidence)
    low, high = it.difference.interval(confidence)
    return Scores(
        metric=metric.name,
        greater_is_better=metric.greater_is_better,
        candidate=ours,
        candidate_low=max(own_low, metric.least),
        candidate_high=min(own_high, metric.most),
        reference=theirs,
        difference=ours - theirs,
        low=low,
        high=high,
        own=it.own,
        noise=it.difference,
        method=it.method,
        p_value=it.p_value,
    )


def _values(
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


def _by_label(_: str, plan: Plan, truth: Floats, predictions: Sequence[Floats]) -> list[_Found]:
    return _shares([hits(truth, prediction, plan.threshold) for prediction in predictions])


def _by_positive(_: str, plan: Plan, truth: Floats, predictions: Sequence[Floats]) -> list[_Found]:
    return _shares([prediction[truth > 0] >= plan.threshold for prediction in predictions])


def _by_class(_: str, plan: Plan, truth: Floats, predictions: Sequence[Floats]) -> list[_Found]:
    said = [prediction >= plan.threshold for prediction in predictions]
    halves = (
        _shares([of_model[truth > 0] for of_model in said]),
        _shares([~of_model[truth <= 0] for of_model in said]),
    )
    return [
        _Found(
            together(above.own, below.own),
            together(above.difference, below.difference),
            Method.BONETT_PRICE,
        )
        for above, below in zip(*halves, strict=True)
    ]


def _shares(right: list[NDArray[np.bool_]]) -> list[_Found]:
    ours = right[0]
    return [
        _Found(
            closed.share(ours),
            closed.share_difference(ours, theirs),
            Method.BONETT_PRICE,
            closed.mcnemar(ours, theirs),
        )
        for theirs in right[1:]
    ]


def _by_row(name: str, _: Plan, truth: Floats, predictions: Sequence[Floats]) -> list[_Found]:
    ours, *others = (LOSSES[name](truth, prediction) for prediction in predictions)
    own = closed.mean(ours)
    return [_Found(own, closed.mean(ours - theirs), Method.T) for theirs in others]


def _by_rank(_: str, __: Plan, truth: Floats, predictions: Sequence[Floats]) -> list[_Found]:
    values, covariance = closed.areas(truth, list(predictions))
    variances = covariance.diagonal()
    return [
        _Found(
            _normal(values[0], variances[0]),
            _normal(values[0] - values[j], variances[0] + variances[j] - 2 * covariance[0, j]),
            Method.DELONG,
        )
        for j in range(1, len(predictions))
    ]


def _normal(center: float, variance: float) -> Noise:
    return Noise(center=float(center), error=sqrt(max(float(variance), 0.0)))


_CLOSED: dict[str, Callable[[str, Plan, Floats, Sequence[Floats]], list[_Found]]] = {
    "accuracy": _by_label,
    "recall": _by_positive,
    "balanced_accuracy": _by_class,
    "roc_auc": _by_rank,
    **dict.fromkeys(LOSSES, _by_row),
}


def _drawn(
    plan: Plan,
    names: Sequence[str],
    truth: Floats,
    predictions: Sequence[Floats],
    *,
    groups: Groups,
) -> dict[str, list[_Found]]:
    draws = (plan.resamples, plan.seed, plan.threshold)
    found, count = resample(names, truth, predictions, groups=groups, draws=draws)
    df = None if groups is None else max(count - 1, 1)
    values = _values(plan, names, truth, predictions)
    method = Method.BOOTSTRAP if groups is None else Method.CLUSTERS
    return {
        name: [
            _Found(
                _noise(name, values[0, i], found[0, i], df),
                _noise(name, values[0, i] - values[j, i], found[0, i] - found[j, i], df),
                method,
            )
            for j in range(1, len(predictions))
        ]
        for i, name in enumerate(names)
    }


def _noise(name: str, center: float, drawn: Floats, df: int | None) -> Noise:
    sound = drawn[np.isfinite(drawn)]
    if sound.size < _FEWEST * drawn.size:
        raise EvaluationError(
            f"{name} is not defined in most resamples of these rows",
            hint="too few rows of one class",
        )
    return Noise(center=float(center), error=float(sound.std(ddof=1)), df=df)


def methods(scores: Sequence[Scores]) -> Iterator[Method]:
    """Those that were used, each once."""
    yield from dict.fromkeys(it.method for it in scores)
