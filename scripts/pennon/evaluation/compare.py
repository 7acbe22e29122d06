"""A candidate beside its references on the same rows: paired, with intervals, by slice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.config import Against, Task
from pennon.errors import EvaluationError
from pennon.evaluation.bootstrap import scores_beside
from pennon.evaluation.inputs import prediction_of, truth_of
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import (
    Comparison,
    Confusion,
    Counts,
    Evaluation,
    Residuals,
    SliceScores,
)

Floats = NDArray[np.float64]

MOST_VALUES = 30
"""Values of a slice column that are looked at one by one, the commonest first."""
FEWEST_ROWS = 30
"""Rows below which a slice gets no interval: it would say nothing."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

BASELINE = "constant baseline"


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
    references: Mapping[Against, tuple[str, Floats]],
    slices: Mapping[str, NDArray[Any]] | None = None,
) -> Evaluation:
    """Compare `candidate` (n,) with each reference (n,) on `truth` (n,).

    Classification: truth in {0, 1}, predictions are probabilities of 1. Regression: any finite
    numbers. `slices` maps a column to its values (n,). Raises EvaluationError where a metric
    would not mean anything: no rows, one class, NaN, another length.
    """
    truth = truth_of(truth, plan.task)
    candidate = prediction_of(candidate, truth, plan.task, "the candidate")
    sound = {
        who: (name, prediction_of(values, truth, plan.task, name))
        for who, (name, values) in references.items()
    }
    champion = sound.get(Against.CHAMPION, ("", None))[1]
    binary = plan.task is Task.CLASSIFICATION
    predictions = [candidate, *(values for _, values in sound.values())]
    return Evaluation(
        model=plan.model,
        task=plan.task,
        metric=plan.names[0],
        rows=truth.size,
        positive_rate=float(truth.mean()) if binary else None,
        holdout=plan.holdout,
        threshold=plan.threshold,
        comparisons=tuple(
            _comparisons(plan, truth, predictions, references=sound, slices=slices or {})
        ),
        confusion=_confusion(truth, candidate, champion, plan.threshold) if binary else None,
        residuals=None if binary else _residuals(truth, candidate, champion),
    )


def _comparisons(
    plan: Plan,
    truth: Floats,
    predictions: list[Floats],
    *,
    references: Mapping[Against, tuple[str, Floats]],
    slices: Mapping[str, NDArray[Any]],
) -> Iterator[Comparison]:
    overall = scores_beside(plan, plan.names, truth, predictions, confidence=plan.confidence)
    parts = [part for item in slices.items() for part in _slices(plan, truth, predictions, item)]
    for i, (who, (name, _)) in enumerate(references.items()):
        yield Comparison(
            against=who,
            name=name,
            rows=truth.size,
            method=(
                f"Paired Poisson bootstrap, {plan.resamples} resamples of the holdout rows, the "
                "same draws for both models; the intervals of a slice column share its error "
                "(Bonferroni). It covers the choice of holdout rows, not the luck of one training."
            ),
            confidence=plan.confidence,
            resamples=plan.resamples,
            seed=plan.seed,
            scores=overall[i],
            slices=tuple(part[i] for part in parts),
        )


def _slices(
    plan: Plan, truth: Floats, predictions: list[Floats], item: tuple[str, NDArray[Any]]
) -> Iterator[list[SliceScores]]:
    """For each value of a column, the commonest first: its scores beside each reference."""
    column, values = item
    labels = np.asarray(values).astype(str)
    names, counts = np.unique(labels, return_counts=True)
    common = sorted(zip(-counts, names, strict=True))[:MOST_VALUES]
    confidence = 1 - (1 - plan.confidence) / len(common)
    for negative, name in common:
        rows = labels == name
        part = SliceScores(column=column, value=str(name), rows=int(-negative))
        inside = [prediction[rows] for prediction in predictions]
        yield _slice(plan, truth[rows], inside, part=part, confidence=confidence)


def _slice(
    plan: Plan, truth: Floats, predictions: list[Floats], *, part: SliceScores, confidence: float
) -> list[SliceScores]:
    """Beside each reference; without scores, and with the reason, where there can be none."""
    references = len(predictions) - 1
    if part.rows < FEWEST_ROWS:
        return [msgspec.structs.replace(part, why=f"fewer than {FEWEST_ROWS} rows")] * references
    if plan.task is Task.CLASSIFICATION and np.unique(truth).size < 2:  # noqa: PLR2004
        return [msgspec.structs.replace(part, why="one class only")] * references
    try:
        found = scores_beside(plan, plan.slice_names, truth, predictions, confidence=confidence)
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
