from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression

from pennon.config import Task
from pennon.errors import EvaluationError
from pennon.evaluation.aspects import Estimate, FeatureImportance, Importance
from pennon.evaluation.importance import Limits, importance
from pennon.evaluation.plan import Plan

Numbers = NDArray[np.float64]
PLAN = Plan(model="churn", task=Task.CLASSIFICATION, metric="roc_auc", seed=3)
PRICES = Plan(model="prices", task=Task.REGRESSION, metric="mean_squared_error", seed=3)


def rows(n: int = 1500, seed: int = 1) -> tuple[pd.DataFrame, Numbers]:
    """`strong` and `weak` move the target, `idle` does not; `name` is text."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(generator.normal(size=(n, 3)), columns=["idle", "weak", "strong"])
    frame["name"] = generator.choice(["Ada", "Eva"], n)
    logit = 2 * frame["strong"] + 0.5 * frame["weak"]
    truth = generator.random(n) < 1 / (1 + np.exp(-logit.to_numpy()))
    return frame, truth.astype(np.float64)


def predict(frame: pd.DataFrame) -> Numbers:
    """A model that has learnt a little noise from `idle`, and nothing from `name`."""
    logit = 2 * frame["strong"] + 0.5 * frame["weak"] + 0.05 * frame["idle"]
    found: Numbers = 1 / (1 + np.exp(-logit.to_numpy()))
    return found


def by_name(found: Importance) -> dict[str, FeatureImportance]:
    return {it.name: it for it in found.features}


def test_a_planted_signal_ranks_first_and_is_beyond_noise() -> None:
    frame, truth = rows()
    found = importance(PLAN, predict, frame, truth)
    assert [it.name for it in found.features[:2]] == ["strong", "weak"]
    assert found.features[0].importance.low > 0.2


def test_a_column_that_the_model_does_not_read_loses_nothing() -> None:
    frame, truth = rows()
    it = by_name(importance(PLAN, predict, frame, truth))["name"].importance
    assert (it.low, it.value, it.high) == (0, 0, 0)


@pytest.mark.parametrize("seed", range(5))
def test_a_column_that_says_nothing_has_an_interval_that_holds_zero(seed: int) -> None:
    frame, truth = rows(seed=seed)
    it = by_name(importance(PLAN, predict, frame, truth))["idle"].importance
    assert it.low <= 0 <= it.high


def test_a_loss_is_an_importance_whichever_way_the_metric_is_better() -> None:
    frame, truth = rows()
    plan = msgspec.structs.replace(PLAN, metric="log_loss")
    assert importance(plan, predict, frame, truth).features[0].importance.low > 0.2


def test_the_numbers_are_scikit_learns() -> None:
    frame, _ = rows(4000)
    numbers = frame[["idle", "weak", "strong"]]
    truth = numbers.to_numpy() @ np.array([0.0, 1.0, 3.0])
    model = LinearRegression().fit(numbers, truth)
    theirs = permutation_importance(
        model, numbers, truth, scoring="neg_mean_squared_error", n_repeats=20, random_state=1
    )
    limits = Limits(rows=4000, repeats=20)
    ours = by_name(importance(PRICES, model.predict, numbers, truth, limits=limits))
    found = [ours[name].importance.value for name in numbers.columns]
    assert found == pytest.approx(theirs.importances_mean, rel=0.02, abs=1e-9)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Shuffling x in y = 3 x loses 2 * 9 * var(x) of the squared error: 18."""
    held = 0
    for seed in range(100):
        generator = np.random.default_rng(seed)
        frame = pd.DataFrame({"x": generator.normal(size=400)})
        truth = 3 * frame["x"].to_numpy() + generator.normal(size=400)
        found = importance(PRICES, lambda it: 3 * it["x"].to_numpy(), frame, truth)
        it = found.features[0].importance
        held += it.low <= 18 <= it.high
    assert 90 <= held <= 99


def test_the_champions_importance_stands_beside_ours() -> None:
    frame, truth = rows()
    champion = importance(PLAN, lambda it: predict(it.assign(weak=0)), frame, truth)
    found = by_name(importance(PLAN, predict, frame, truth, before=champion))
    assert found["weak"].before == Estimate(value=0, low=0, high=0)
    assert found["strong"].before == by_name(champion)["strong"].importance
    assert [found[name].moved for name in ("weak", "strong", "name")] == [1, 0, 0]


def test_a_change_within_the_intervals_is_none() -> None:
    now, then, far = (Estimate(value=v, low=v - 0.2, high=v + 0.2) for v in (1.0, 1.3, 2.0))
    moved = [FeatureImportance(name="x", importance=now, before=it).moved for it in (then, far)]
    assert moved == [0, -1]
    assert FeatureImportance(name="x", importance=far, before=now).moved == 1


def test_an_importance_in_another_unit_is_not_compared() -> None:
    frame, truth = rows()
    champion = importance(msgspec.structs.replace(PLAN, metric="log_loss"), predict, frame, truth)
    found = importance(PLAN, predict, frame, truth, before=champion)
    assert {it.before for it in found.features} == {None}


def test_no_more_rows_than_allowed_are_looked_at_and_the_record_says_so() -> None:
    frame, truth = rows()
    found = importance(PLAN, predict, frame, truth, limits=Limits(rows=500, repeats=3))
    assert (found.rows, found.repeats) == (500, 3)


def test_of_too_many_columns_the_most_important_are_looked_at() -> None:
    frame, truth = rows()
    wide = frame.assign(**{f"extra {i}": 0.0 for i in range(20)})
    found = importance(PLAN, predict, wide, truth, limits=Limits(features=2))
    assert [it.name for it in found.features] == ["strong", "weak"]
    assert len(found.left_out) == 22


def test_the_time_that_it_may_take_ends_it_and_the_record_says_what_is_missing() -> None:
    frame, truth = rows()
    found = importance(PLAN, predict, frame, truth, limits=Limits(seconds=0))
    assert found.features == ()
    assert (found.budget, found.repeats) == (0, 0)
    assert set(found.left_out) == set(frame.columns)


def test_new_columns_and_then_the_champions_best_come_before_the_time_runs_out() -> None:
    frame, truth = rows()
    champion = importance(PLAN, predict, frame.drop(columns="name"), truth)
    asked: list[str] = []

    def watched(shuffled: pd.DataFrame) -> Numbers:
        asked.extend(str(name) for name in frame if not shuffled[name].equals(frame[name]))
        return predict(shuffled)

    importance(PLAN, watched, frame, truth, before=champion, limits=Limits(repeats=1))
    assert asked[:2] == ["name", "strong"]


def test_the_frame_is_left_as_it_was() -> None:
    frame, truth = rows()
    before = frame.copy()
    importance(PLAN, predict, frame, truth)
    pd.testing.assert_frame_equal(frame, before)


def test_a_column_keeps_its_type_when_it_is_shuffled() -> None:
    frame, truth = rows()
    frame = frame.assign(
        name=frame["name"].astype("category"), idle=frame["idle"].astype("Float64")
    )

    def strict(shuffled: pd.DataFrame) -> Numbers:
        assert (shuffled.dtypes == frame.dtypes).all()
        assert shuffled.index.equals(frame.index)
        return predict(shuffled.astype({"idle": "float64"}))

    assert importance(PLAN, strict, frame, truth).repeats == 5


def test_the_same_seed_gives_the_same_numbers() -> None:
    frame, truth = rows()
    one, other = (importance(PLAN, predict, frame, truth).features for _ in range(2))
    assert one == other


def test_other_targets_than_rows_are_refused() -> None:
    frame, truth = rows()
    with pytest.raises(EvaluationError, match="1499 targets for 1500 rows"):
        importance(PLAN, predict, frame, truth[1:])


def test_a_model_that_predicts_no_numbers_is_refused() -> None:
    frame, truth = rows()
    with pytest.raises(EvaluationError, match="NaN or infinity"):
        importance(PLAN, lambda it: predict(it) * np.nan, frame, truth)


def test_the_record_is_the_same_after_json() -> None:
    frame, truth = rows()
    found = importance(PLAN, predict, frame, truth)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Importance) == found
