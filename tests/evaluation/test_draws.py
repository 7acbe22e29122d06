"""Recipes over many trainings: the corrected interval, and who may claim one."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from scipy import stats

from pennon.config import Against, Gates, Task
from pennon.errors import ConfigError, EvaluationError
from pennon.evaluation import Evaluation, Noise, Outcome, decide
from pennon.evaluation.aspects import Draws
from pennon.evaluation.compare import Reference, evaluate
from pennon.evaluation.draws import drawn, nadeau_bengio, splits
from pennon.evaluation.foreign import Terms, believed
from pennon.evaluation.plan import Plan

DIFFERENCES = (0.02, 0.01, 0.03, 0.00, 0.04)
TERMS = Terms(
    model="m", task=Task.CLASSIFICATION, metric="roc_auc", champion="v1.0.0", confidence=0.95
)


def test_a_split_leaves_no_row_out_and_none_on_both_sides() -> None:
    for train, test in splits(100, 5, seed=1):
        assert sorted([*train, *test]) == list(range(100))
        assert len(test) == 20


def test_each_draw_is_another_and_the_same_seed_gives_the_same() -> None:
    first, second = splits(100, 2, seed=1)
    assert not np.array_equal(first.test, second.test)
    assert np.array_equal(next(splits(100, 1, seed=1)).test, first.test)


def test_rows_that_belong_together_stay_together() -> None:
    groups = np.repeat(["a", "b", "c", "d", "e"], 4)
    for train, test in splits(20, 8, seed=3, groups=groups):
        assert not set(groups[train]) & set(groups[test])


def test_what_cannot_be_divided_is_refused() -> None:
    with pytest.raises(EvaluationError, match="1 rows or groups cannot be divided"):
        list(splits(10, 5, seed=0, groups=np.zeros(10)))


def test_the_interval_is_students_widened_by_the_rows_that_draws_share() -> None:
    times, share = len(DIFFERENCES), 0.25
    found = nadeau_bengio(DIFFERENCES, share)
    plain = stats.ttest_1samp(DIFFERENCES, 0).confidence_interval()
    low, high = found.interval(0.95)
    wider = np.sqrt((1 / times + share) * times)
    assert (low + high) / 2 == pytest.approx(np.mean(DIFFERENCES))
    assert high - low == pytest.approx((plain.high - plain.low) * wider, rel=2e-3)


@pytest.mark.parametrize("df", [1, 2, 5, 9, 24, 199])
@pytest.mark.parametrize("t", [0.0, 0.5, 1.96, 4.0])
def test_a_p_value_is_that_of_students_t(df: int, t: float) -> None:
    found = Noise(center=t, error=1.0, df=df).p_value()
    assert found == pytest.approx(2 * stats.t.sf(t, df), abs=1e-12)


def test_a_metric_that_some_draw_has_not_is_said() -> None:
    ours, theirs = np.array([0.5, np.nan]), np.array([0.5, 0.5])
    with pytest.raises(EvaluationError, match="not defined in some draw"):
        drawn("roc_auc", "v1.0.0", (ours, theirs), (80, 20))


def measured(differences: tuple[float, ...] = DIFFERENCES) -> Evaluation:
    generator = np.random.default_rng(0)
    truth = (generator.random(200) < 0.5).astype(np.float64)
    ours, theirs = generator.random(200), generator.random(200)
    references = [
        Reference(Against.CHAMPION, "v1.0.0", theirs),
        Reference(Against.BASELINE, "constant baseline", np.full(200, 0.5)),
    ]
    plan = Plan(model="m", task=Task.CLASSIFICATION, metric="roc_auc")
    found = evaluate(plan, truth, ours, references=references)
    beside = np.full(len(differences), 0.7)
    draws = drawn("roc_auc", "v1.0.0", (beside + differences, beside), (800, 200))
    return msgspec.structs.replace(found, draws=draws)


def gates(**rule: Any) -> Gates:  # noqa: ANN401  keys of a gate
    return msgspec.convert({"gates": [{"id": "g", "metric": "roc_auc"} | rule]}, Gates)


@pytest.mark.parametrize(
    ("differences", "rule", "expected"),
    [
        ((0.02, 0.021, 0.019, 0.02, 0.02), {"superior": {"draws": True}}, Outcome.PASS),
        (DIFFERENCES, {"superior": {"draws": True}}, Outcome.UNSURE),
        ((-0.02, -0.021, -0.019, -0.02, -0.02), {"superior": {"draws": True}}, Outcome.FAIL),
        (DIFFERENCES, {"not_worse": {"margin": 0.02, "draws": True}}, Outcome.PASS),
    ],
)
def test_a_gate_may_ask_for_the_recipe(
    differences: tuple[float, ...], rule: dict[str, Any], expected: Outcome
) -> None:
    (result,) = decide(measured(differences), gates(**rule), "v1.0.0").results
    assert result.outcome is expected
    assert result.rule.endswith(" over draws")
    assert (result.rows, result.primary) == (200, False)


def test_a_gate_on_draws_that_were_not_made_is_no_pass() -> None:
    bare = msgspec.structs.replace(measured(), draws=None)
    with pytest.raises(ConfigError, match="asks for draws"):
        decide(bare, gates(superior={"draws": True}), "v1.0.0")


def test_honest_draws_of_a_fork_are_believed() -> None:
    assert believed(measured(), TERMS).draws == measured().draws


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metric": "accuracy"}, "another metric"),
        ({"against": "v9.0.0"}, "not beside the champion's"),
        ({"times": 1}, "are empty"),
        ({"times": 50}, "other degrees of freedom"),
        ({"candidate": 1.2}, "cannot be 1.2"),
        ({"candidate": 0.99}, "contradict themselves"),
        ({"noise": Noise(center=0.02, error=-1.0, df=4)}, "is negative"),
    ],
)
def test_other_draws_are_not(change: dict[str, Any], words: str) -> None:
    draws = measured().draws
    assert isinstance(draws, Draws)
    claimed = msgspec.structs.replace(measured(), draws=msgspec.structs.replace(draws, **change))
    with pytest.raises(EvaluationError, match=words):
        believed(claimed, TERMS)
