"""Does a model treat groups of people alike? Rates by group, gaps between them, intervals of both.

The groups come from any column of the holdout; it need not be a feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.aspects import Estimate, Fairness, Gap, Group, Rate, Sensitive
from pennon.evaluation.estimate import quantile
from pennon.evaluation.groups import Groups, groups_of
from pennon.evaluation.inputs import prediction_of, truth_of
from pennon.evaluation.plan import Plan

Floats = NDArray[np.float64]

SMALLEST = 30
"""Rows below which a group is not judged."""
DRAWS = 10_000
"""Of the largest of all pairwise errors; its 95th percentile is then sharp to about 0.02."""
SIGNED = "mean_error"
"""The one rate that can be negative."""

_SHARES = (
    "Groups: Wilson (1927). Gaps: all pairs of groups at once by Agresti and Caffo (2000), ratios "
    "by the logarithms of the same shares, with the critical value of the largest pair (Tukey and "
    "Kramer, by simulation). They cover the choice of holdout rows."
)
_MEANS = (
    "Groups: Student's t. Gaps: all pairs of groups at once (Welch), with the critical value of "
    "the largest pair by simulation. They cover the choice of holdout rows."
)


class _Part(NamedTuple):
    """A rate in the groups that have it. All (groups,); `df` is infinite for shares.

    Intervals lie around `centers`, which some methods shift from the `values`.
    """

    name: str
    places: NDArray[np.intp]
    rows: NDArray[np.intp]
    values: Floats
    centers: Floats
    errors: Floats
    df: Floats
    most: float  # that a value can be


def fairness(
    plan: Plan,
    truth: Floats,
    prediction: Floats,
    sensitive: Mapping[str, Any],
    *,
    smallest: int = SMALLEST,
) -> Fairness:
    """Rates of `prediction` (n,) on `truth` (n,) for the groups of each sensitive column.

    `sensitive` maps a column to its values (n,), a Series or an array: any values; numbers with
    many values are cut into quarters. Classification decides by `plan.threshold`. An interval has
    `plan.confidence` by itself: many columns and rates find a difference by chance sometimes.
    Raises EvaluationError where truth or prediction cannot be judged.
    """
    truth = truth_of(truth, plan.task)
    prediction = prediction_of(prediction, truth, plan.task, "the model")
    shares = plan.task is Task.CLASSIFICATION
    columns = []
    for column, values in sensitive.items():
        groups = groups_of(values, smallest)
        parts = (
            _shares(groups, truth > 0, prediction >= plan.threshold)
            if shares
            else _means(groups, prediction - truth)
        )
        columns.append(_sensitive(plan, column, groups, parts))
    return Fairness(
        confidence=plan.confidence,
        smallest=smallest,
        threshold=plan.threshold if shares else None,
        method=_SHARES if shares else _MEANS,
        columns=tuple(columns),
    )


def _sensitive(plan: Plan, column: str, groups: Groups, parts: list[_Part]) -> Sensitive:
    compared = [(part.name, [part]) for part in parts]
    if plan.task is Task.CLASSIFICATION:
        compared.append(("equalized_odds", parts[1:]))
    gaps = [
        _gap(plan, name, groups.names, among)
        for name, among in compared
        if all(part.places.size > 1 for part in among)
    ]
    return Sensitive(
        column=column,
        groups=tuple(_groups(plan, groups, parts)),
        gaps=tuple(gaps),
        left_out=groups.left_out,
    )


def _groups(plan: Plan, groups: Groups, parts: list[_Part]) -> list[Group]:
    rates: list[list[Rate]] = [[] for _ in groups.names]
    for part in parts:
        one = _wilson if plan.task is Task.CLASSIFICATION else _student
        low, high = one(part, plan.confidence)
        for i, group in enumerate(part.places):
            estimate = _estimate(float(part.values[i]), float(low[i]), float(high[i]))
            rates[group].append(Rate(name=part.name, rows=int(part.rows[i]), estimate=estimate))
    return [
        Group(
            name=name,
            rows=int(groups.rows[i]),
            rates=tuple(rates[i]),
            why="" if groups.judged[i] else f"fewer than {groups.smallest} rows",
        )
        for i, name in enumerate(groups.names)
    ]


def _shares(groups: Groups, actual: NDArray[np.bool_], said: NDArray[np.bool_]) -> list[_Part]:
    """Selection, true and false positive rate from the counts of each group."""
    known = groups.codes >= 0
    cells = groups.codes[known] * 4 + 2 * actual[known] + said[known]
    counts = np.bincount(cells, minlength=4 * len(groups.names)).reshape(-1, 2, 2)
    return [
        _share("selection_rate", groups, counts[:, :, 1].sum(axis=1), counts.sum(axis=(1, 2))),
        _share("true_positive_rate", groups, counts[:, 1, 1], counts[:, 1].sum(axis=1)),
        _share("false_positive_rate", groups, counts[:, 0, 1], counts[:, 0].sum(axis=1)),
    ]


def _share(name: str, groups: Groups, hits: NDArray[np.intp], rows: NDArray[np.intp]) -> _Part:
    """One hit and one miss are added to each group (Agresti and Caffo 2000)."""
    places = np.flatnonzero(groups.judged & (rows > 0))
    hits, rows = hits[places], rows[places]
    centers = (hits + 1) / (rows + 2)
    errors = np.sqrt(centers * (1 - centers) / (rows + 2))
    df = np.full(places.size, np.inf)
    return _Part(name, places, rows, hits / rows, centers, errors, df, most=1.0)


def _means(groups: Groups, errors: Floats) -> list[_Part]:
    return [
        _mean(SIGNED, groups, errors),
        _mean("mean_absolute_error", groups, np.abs(errors)),
    ]


def _mean(name: str, groups: Groups, values: Floats) -> _Part:
    known = groups.codes >= 0
    codes, values = groups.codes[known], values[known]
    count = len(groups.names)
    rows = np.bincount(codes, minlength=count)
    places = np.flatnonzero(groups.judged & (rows > 1))
    means = np.bincount(codes, values, minlength=count) / np.maximum(rows, 1)
    squares = np.bincount(codes, (values - means[codes]) ** 2, minlength=count)[places]
    rows, means = rows[places], means[places]
    deviations: Floats = np.sqrt(squares / (rows - 1) / rows)
    df = (rows - 1).astype(np.float64)
    return _Part(name, places, rows, means, means, deviations, df, most=np.inf)


def _wilson(part: _Part, confidence: float) -> tuple[Floats, Floats]:
    """Wilson (1927); Brown, Cai and DasGupta (2001) compare it with others."""
    z = quantile((1 + confidence) / 2, None)
    p, n = part.values, part.rows
    center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.maximum(center - half, 0), np.minimum(center + half, 1)


def _student(part: _Part, confidence: float) -> tuple[Floats, Floats]:
    t = np.array([quantile((1 + confidence) / 2, int(df)) for df in part.df])
    low = part.centers - t * part.errors
    least = -np.inf if part.name == SIGNED else 0.0
    return np.maximum(low, least), part.centers + t * part.errors


def _gap(plan: Plan, name: str, names: Sequence[str], parts: Sequence[_Part]) -> Gap:
    spreads = [np.ptp(part.values) for part in parts]
    worst = parts[int(np.argmax(spreads))]
    distances, errors, critical = _pairs(plan, parts)
    most = min(part.most for part in parts)
    return Gap(
        rate=name,
        difference=_estimate(
            float(max(spreads)),
            float(np.max(distances - critical * errors, initial=0.0)),
            min(float(np.max(distances + critical * errors)), most),
        ),
        ratio=_ratio(plan, parts),
        smallest=names[worst.places[np.argmin(worst.values)]],
        largest=names[worst.places[np.argmax(worst.values)]],
    )


def _ratio(plan: Plan, parts: Sequence[_Part]) -> Estimate | None:
    """Of the smallest to the largest: the distance of their logarithms, by the delta method."""
    if any(part.centers.min() <= 0 or part.values.max() <= 0 for part in parts):
        return None
    if parts[0].name == SIGNED:
        return None
    logs = [
        part._replace(centers=np.log(part.centers), errors=part.errors / part.centers)
        for part in parts
    ]
    distances, errors, critical = _pairs(plan, logs)
    return _estimate(
        float(min(part.values.min() / part.values.max() for part in parts)),
        float(np.exp(-np.max(distances + critical * errors))),
        float(np.exp(-np.max(distances - critical * errors, initial=0.0))),
    )


def _pairs(plan: Plan, parts: Sequence[_Part]) -> tuple[Floats, Floats, float]:
    """Distances of all pairs of groups (p,), their errors (p,), and the critical value of all.

    With it all pairs keep `plan.confidence` together, so the largest distance does, too: the
    largest of all lower ends is below it, the largest of all upper ends above. A bootstrap of the
    largest distance does not: it never reaches zero (tests/benchmarks/bench_fairness.py).
    """
    generator = np.random.default_rng(plan.seed)
    largest = np.zeros(DRAWS)
    distances, errors = [], []
    for part in parts:
        drawn = _drawn(generator, part)
        for i in range(part.places.size - 1):
            error = np.hypot(part.errors[i], part.errors[i + 1 :])
            distances.append(np.abs(part.centers[i] - part.centers[i + 1 :]))
            errors.append(error)
            apart = np.abs(drawn[:, [i]] - drawn[:, i + 1 :])
            seen = np.divide(apart, error, out=np.zeros_like(apart), where=error > 0)
            np.maximum(largest, seen.max(axis=1), out=largest)
    critical = float(np.quantile(largest, plan.confidence))
    return np.concatenate(distances), np.concatenate(errors), critical


def _drawn(generator: np.random.Generator, part: _Part) -> Floats:
    """Errors of each group (DRAWS, groups) as they come about by chance."""
    size = (DRAWS, part.places.size)
    if np.isinf(part.df).all():
        return generator.standard_normal(size) * part.errors
    return generator.standard_t(part.df, size) * part.errors


def _estimate(value: float, low: float, high: float) -> Estimate:
    """The value lies in its interval, also where the method shifts it."""
    return Estimate(value=value, low=min(low, value), high=max(high, value))
