"""A candidate beside its references on the same rows: paired, with intervals, by slice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.config import Against, Task
from pennon.errors import EvaluationError
from pennon.evaluation.inputs import prediction_of, truth_of
from pennon.evaluation.names import COST
from pennon.evaluation.names import metric as metric_of
from pennon.evaluation.paired import Groups, methods, scores_beside
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import (
    Comparison,
    Confusion,
    Counts,
    Evaluation,
    Method,
    Residuals,
    Scores,
    SliceScores,
)

Floats = NDArray[np.float64]

MOST_VALUES = 30
"""Values of a slice column that are looked at one by one, the commonest first."""
FEWEST_ROWS = 30
"""Rows below which a slice gets no interval: it would say nothing."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Reference(msgspec.Struct, frozen=True):
    """Whom the candidate is compared with: its name, and predictions (n,) for the same rows."""

    against: Against
    name: str
    predictions: Floats


def constant_baseline(train_truth: Floats, rows: int) -> Floats:
    """What a model without features says: the mean of the training target, `rows` times."""
    if train_truth.size == 0:
        raise EvaluationError("no training row", hint="a baseline needs the training target")
    return np.full(rows, float(np.mean(train_truth)))


def evaluate(
    plan: Plan,
    truth: Floats,
    candidate: Floats,
    *,
    references: Sequence[Reference],
    slices: Mapping[str, NDArray[Any]] | None = None,
    groups: Groups = None,
    costs: Callable[[Floats], Floats] | None = None,
) -> Evaluation:
    """Compare `candidate` (n,) with each reference's predictions (n,) on `truth` (n,).

    Classification: truth in {0, 1}, predictions are probabilities of 1. Regression: any finite
    numbers. `slices` maps a name to the labels of the rows (n,); `groups` (n,) labels rows that are
    not independent of each other; `costs` gives what predictions (n,) cost, for the metric of that
    name. Raises EvaluationError where a metric would not mean anything: no
    rows, one class, NaN, another length.
    """
    truth = truth_of(truth, plan.task)
    candidate = prediction_of(candidate, truth, plan.task, "the candidate")
    sound = [
        msgspec.structs.replace(
            it, predictions=prediction_of(it.predictions, truth, plan.task, it.name)
        )
        for it in references
    ]
    champion = next((it.predictions for it in sound if it.against is Against.CHAMPION), None)
    binary = plan.task is Task.CLASSIFICATION
    predictions = [candidate, *(it.predictions for it in sound)]
    spent = [costs(it) for it in predictions] if costs and COST in plan.names else []
    rows = _Rows(truth, predictions, spent, groups)
    return Evaluation(
        model=plan.model,
        task=plan.task,
        metric=plan.names[0],
        rows=truth.size,
        positive_rate=float(truth.mean()) if binary else None,
        holdout=plan.holdout,
        threshold=plan.threshold,
        looks=plan.looks,
        comparisons=tuple(_comparisons(plan, rows, references=sound, slices=slices or {})),
        confusion=_confusion(truth, candidate, champion, plan.threshold) if binary else None,
        residuals=None if binary else _residuals(truth, candidate, champion),
    )


class _Rows(NamedTuple):
    """Truth, predictions and their costs (the candidate's first) of the same rows."""

    truth: Floats
    predictions: list[Floats]
    costs: list[Floats]
    groups: Groups

    def where(self, rows: NDArray[np.bool_]) -> _Rows:
        return _Rows(
            self.truth[rows],
            [values[rows] for values in self.predictions],
            [values[rows] for values in self.costs],
            None if self.groups is None else self.groups[rows],
        )

    def scores(self, plan: Plan, names: Sequence[str]) -> list[tuple[Scores, ...]]:
        """Beside each reference, in the order of `names`."""
        found = self._of(plan, [name for name in names if name != COST], self.predictions)
        if COST not in names:
            return found
        if not self.costs:
            raise EvaluationError("nobody says what answers cost", hint="`costs` in pennon.yaml")
        spent = self._of(plan, [COST], self.costs)
        return [
            tuple(sorted((*some, *cost), key=lambda it: names.index(it.metric)))
            for some, cost in zip(found, spent, strict=True)
        ]

    def _of(
        self, plan: Plan, names: list[str], predictions: list[Floats]
    ) -> list[tuple[Scores, ...]]:
        return scores_beside(
            plan,
            names,
            self.truth,
            predictions,
            confidence=plan.confidence,
            groups=self.groups,
        )


def _comparisons(
    plan: Plan,
    rows: _Rows,
    *,
    references: Sequence[Reference],
    slices: Mapping[str, NDArray[Any]],
) -> Iterator[Comparison]:
    overall = rows.scores(plan, plan.names)
    parts = [part for item in slices.items() for part in _slices(plan, rows, item)]
    for i, it in enumerate(references):
        yield Comparison(
            against=it.against,
            name=it.name,
            rows=rows.truth.size,
            method=_method(overall[i], plan.resamples),
            confidence=plan.confidence,
            resamples=plan.resamples,
            seed=plan.seed,
            scores=overall[i],
            slices=tuple(part[i] for part in parts),
        )


_WORDS = {
    Method.BONETT_PRICE: "Bonett and Price's interval of paired shares",
    Method.T: "the paired t interval",
    Method.DELONG: "DeLong's interval of paired areas",
    Method.BOOTSTRAP: "a paired bootstrap ({resamples} resamples of rows)",
    Method.CLUSTERS: "a paired bootstrap ({resamples} resamples of groups of rows)",
}


def _method(scores: Sequence[Scores], resamples: int) -> str:
    by = {
        method: ", ".join(metric_of(it.metric).label for it in scores if it.method is method)
        for method in methods(scores)
    }
    told = "; ".join(
        f"{labels} by {_WORDS[method].format(resamples=resamples)}" for method, labels in by.items()
    )
    return (
        f"{told}. Intervals cover the choice of rows, not the luck of one training: two trainings "
        "alike differ truly."
    )


def _slices(plan: Plan, rows: _Rows, item: tuple[str, NDArray[Any]]) -> Iterator[list[SliceScores]]:
    """For each value of a column, the commonest first: its scores beside each reference."""
    column, values = item
    labels = np.asarray(values).astype(str)
    names, counts = np.unique(labels, return_counts=True)
    common = sorted(zip(-counts, names, strict=True))[:MOST_VALUES]
    for negative, name in common:
        part = SliceScores(column=column, value=str(name), rows=int(-negative))
        yield _slice(plan, rows.where(labels == name), part)


def _slice(plan: Plan, rows: _Rows, part: SliceScores) -> list[SliceScores]:
    """Beside each reference; without scores, and with the reason, where there can be none."""
    references = len(rows.predictions) - 1
    if part.rows < FEWEST_ROWS:
        return [msgspec.structs.replace(part, why=f"fewer than {FEWEST_ROWS} rows")] * references
    if plan.task is Task.CLASSIFICATION and np.unique(rows.truth).size < 2:  # noqa: PLR2004
        return [msgspec.structs.replace(part, why="one class only")] * references
    try:
        found = rows.scores(plan, plan.slice_names)
    except EvaluationError as error:
        return [msgspec.structs.replace(part, why=error.what)] * references
    return [msgspec.structs.replace(part, scores=scores) for scores in found]


def _confusion(
    truth: Floats, candidate: Floats, champion: Floats | None, threshold: float
) -> Confusion:
    return Confusion(
        candidate=_counts(truth, candidate, threshold),
        champion=None if champion is None else _counts(truth, champion, threshold),
    )


def _counts(truth: Floats, prediction: Floats, threshold: float) -> Counts:
    said, actual = prediction >= threshold, truth > 0
    return Counts(
        true_negative=int((~actual & ~said).sum()),
        false_positive=int((~actual & said).sum()),
        false_negative=int((actual & ~said).sum()),
        true_positive=int((actual & said).sum()),
    )


def _residuals(truth: Floats, candidate: Floats, champion: Floats | None) -> Residuals:
    def quantiles(prediction: Floats) -> tuple[float, ...]:
        return tuple(float(q) for q in np.quantile(prediction - truth, QUANTILES))

    return Residuals(
        quantiles=QUANTILES,
        candidate=quantiles(candidate),
        champion=None if champion is None else quantiles(champion),
    )
