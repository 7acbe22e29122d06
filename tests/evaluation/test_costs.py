"""The business metric: the mean of what each answer costs, with the interval of a mean."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from pennon.config import Against, Costs, Gates, Task
from pennon.errors import EvaluationError
from pennon.evaluation import Evaluation, Method, Outcome, decide
from pennon.evaluation.compare import Reference, evaluate
from pennon.evaluation.costs import by_kind
from pennon.evaluation.plan import Plan

Floats = NDArray[np.float64]
ROWS = 400


def spent(predictions: Floats) -> Floats:
    """Three for each answer above one half, and what it is wrong by."""
    return 3.0 * (predictions > 0.5) + predictions


def compared(names: tuple[str, ...], **more: object) -> Evaluation:
    generator = np.random.default_rng(3)
    truth = (generator.random(ROWS) < 0.4).astype(np.float64)
    ours, theirs = generator.random(ROWS), generator.random(ROWS)
    plan = Plan(model="m", task=Task.CLASSIFICATION, metric=names[0], metrics=names[1:])
    champion = [Reference(Against.CHAMPION, "v1.0.0", theirs)]
    return evaluate(plan, truth, ours, references=champion, **more)  # type: ignore[arg-type]  # by the test


def predictions() -> tuple[Floats, Floats]:
    generator = np.random.default_rng(3)
    generator.random(ROWS)
    return generator.random(ROWS), generator.random(ROWS)


def test_it_is_judged_as_a_paired_mean() -> None:
    (scores,) = compared(("cost",), costs=spent).comparisons[0].scores
    ours, theirs = (spent(values) for values in predictions())
    interval = stats.ttest_rel(ours, theirs).confidence_interval()
    assert scores.method is Method.T
    assert not scores.greater_is_better
    assert (scores.candidate, scores.reference) == pytest.approx((ours.mean(), theirs.mean()))
    assert (scores.low, scores.high) == pytest.approx((interval.low, interval.high))


def test_it_stands_where_it_was_asked_for_among_others() -> None:
    found = compared(("roc_auc", "cost", "accuracy"), costs=spent)
    assert [it.metric for it in found.comparisons[0].scores] == ["roc_auc", "cost", "accuracy"]


def test_groups_of_rows_are_drawn_together() -> None:
    groups = np.repeat(np.arange(ROWS // 4), 4)
    (scores,) = compared(("cost",), costs=spent, groups=groups).comparisons[0].scores
    assert scores.method is Method.CLUSTERS
    assert scores.low < scores.difference < scores.high


def test_it_is_known_of_slices() -> None:
    half = np.where(np.arange(ROWS) < ROWS // 2, "a", "b")
    found = compared(("cost",), costs=spent, slices={"half": half})
    ours, _ = predictions()
    parts = {part.value: part.scores[0].candidate for part in found.comparisons[0].slices}
    assert parts["a"] == pytest.approx(spent(ours)[: ROWS // 2].mean())


def test_without_costs_it_is_not_known() -> None:
    with pytest.raises(EvaluationError, match="nobody says what answers cost"):
        compared(("cost",))


def test_a_cost_matrix_flips_the_winner() -> None:
    """The champion misses half of the fraud; the challenger finds it all, and is wrong oftener."""
    generator = np.random.default_rng(5)
    truth = (generator.random(2000) < 0.1).astype(np.float64)
    champion = np.where((truth > 0) & (generator.random(2000) < 0.5), 0.9, 0.1)
    challenger = np.where((truth > 0) | (generator.random(2000) < 0.2), 0.9, 0.1)
    matrix = Costs(false_negative=10.0, false_positive=1.0)
    plan = Plan(
        model="fraud", task=Task.CLASSIFICATION, metric="accuracy", metrics=("cost",), resamples=200
    )
    found = evaluate(
        plan,
        truth,
        challenger,
        references=[Reference(Against.CHAMPION, "v1.0.0", champion)],
        costs=lambda said: by_kind(matrix, truth, said, threshold=0.5),
    )
    asked: list[dict[str, object]] = [
        {"id": name, "metric": name, "superior": {}} for name in ("accuracy", "cost")
    ]
    verdict = decide(found, msgspec.convert({"gates": asked}, Gates), "v1.0.0")
    said = {it.id: it.outcome for it in verdict.results}
    assert said == {"accuracy": Outcome.FAIL, "cost": Outcome.PASS}
