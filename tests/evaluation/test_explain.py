"""Contributions add up to the prediction, and are those that the definition of Shapley gives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from pennon.artifacts.source import UserCodeError
from pennon.config import Task
from pennon.errors import EvaluationError
from pennon.evaluation.explain import COLUMNS, Limits, contributions, explain
from pennon.evaluation.plan import Plan

Numbers = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Numbers]
PLAN = Plan(model="delay", task=Task.CLASSIFICATION, metric="roc_auc", seed=3)


def flights(rows: int = 400, seed: int = 1) -> pd.DataFrame:
    """A column of each kind, with empty cells."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "origin": generator.choice(np.array(["LGA", "JFK", None], dtype=object), rows),
            "distance": generator.uniform(100, 3000, rows),
            "humid": generator.normal(60, 20, rows),
            "month": generator.integers(1, 13, rows),
        }
    )
    frame.loc[::7, "humid"] = np.nan
    return frame


def boosted(frame: pd.DataFrame) -> Predict:
    """Trees with categories and empty cells: no explainer of single trees is exact for those."""
    late = (frame["distance"] / 3000 + (frame["origin"] == "LGA") * frame["month"] / 12 > 0.8) * 1
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((codes, ["origin"]), remainder="passthrough")
    trees = HistGradientBoostingClassifier(max_iter=20, categorical_features=[0])
    model = make_pipeline(columns, trees).fit(frame, late)
    return lambda rows: model.predict_proba(rows)[:, 1]


def _mixed(
    rows: pd.DataFrame, i: int, chosen: tuple[str, ...], background: pd.DataFrame
) -> pd.DataFrame:
    own = {name: rows[name].array.take([i] * len(background)) for name in chosen}
    return background.assign(**own)


def by_definition(predict: Predict, rows: pd.DataFrame, background: pd.DataFrame) -> Numbers:
    """All coalitions of columns (Shapley 1953), (n, columns)."""
    names = list(rows.columns)
    found = np.zeros(rows.shape)
    worth = {}
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            mixed = [_mixed(rows, i, chosen, background) for i in range(len(rows))]
            worth[chosen] = np.array([predict(it).mean() for it in mixed])
    for k, name in enumerate(names):
        for chosen in (it for it in worth if name not in it):
            more = tuple(it for it in names if it in chosen or it == name)
            weight = factorial(len(chosen)) * factorial(len(names) - len(chosen) - 1)
            found[:, k] += weight / factorial(len(names)) * (worth[more] - worth[chosen])
    return found


def test_contributions_add_up_to_the_prediction() -> None:
    frame = flights()
    predict = boosted(frame)
    found = contributions(predict, frame[:50], frame[50:70])
    assert found.base == pytest.approx(predict(frame[50:70]).mean())
    assert found.added.sum(axis=1) + found.base == pytest.approx(predict(frame[:50]))


def test_they_are_what_the_definition_gives() -> None:
    """Of four columns in 60 orders and their reverses; more orders come closer."""
    frame = flights()
    predict = boosted(frame)
    exact = by_definition(predict, frame[:6], frame[100:160])
    found = contributions(predict, frame[:6], frame[100:160]).added
    assert np.abs(found - exact).max() < 0.1
    assert np.corrcoef(found.ravel(), exact.ravel())[0, 1] > 0.98


def test_where_no_more_than_two_columns_are_joined_they_are_exact() -> None:
    frame = flights().drop(columns="origin").fillna(0.0)

    def predict(rows: pd.DataFrame) -> Numbers:
        found: Numbers = (rows["distance"] * rows["month"] - 3 * rows["humid"]).to_numpy()
        return found

    exact = by_definition(predict, frame[:6], frame[100:130])
    assert contributions(predict, frame[:6], frame[100:130]).added == pytest.approx(exact)


def test_of_a_linear_model_they_are_its_coefficients() -> None:
    frame = flights()[["distance", "month"]].astype(float)
    model = LinearRegression().fit(frame, 2 * frame["distance"] - 5 * frame["month"])
    found = contributions(model.predict, frame[:40], frame[40:80])
    expected = (frame[:40] - frame[40:80].mean()) * [2.0, -5.0]
    assert found.added == pytest.approx(expected.to_numpy())


def test_a_column_that_the_model_does_not_read_adds_nothing() -> None:
    frame = flights()
    found = contributions(lambda rows: rows["month"].to_numpy() * 1.0, frame[:9], frame[9:19])
    assert np.abs(found.added[:, :3]).max() == 0


def test_each_column_keeps_its_type() -> None:
    frame = flights().assign(at=pd.Timestamp("2013-01-01"), kind=pd.Categorical(["a", "b"] * 200))
    seen = []

    def predict(rows: pd.DataFrame) -> Numbers:
        seen.append(rows.dtypes.to_dict())
        return np.zeros(len(rows))

    contributions(predict, frame[:5], frame[5:8])
    assert seen
    assert all(it == frame.dtypes.to_dict() for it in seen)


def test_much_work_is_done_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = flights()
    predict = boosted(frame)
    whole = contributions(predict, frame[:30], frame[30:40])
    monkeypatch.setattr("pennon.evaluation.explain.CELLS", 3000)
    assert contributions(predict, frame[:30], frame[30:40]).added == pytest.approx(whole.added)


def test_when_time_runs_out_they_still_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pennon.evaluation.explain.CELLS", 1)
    frame = flights()
    predict = boosted(frame)
    found = contributions(predict, frame[:20], frame[20:60], seconds=0)
    assert found.background == 1
    assert found.added.sum(axis=1) + found.base == pytest.approx(predict(frame[:20]))


@pytest.mark.parametrize(
    ("rows", "columns", "words"), [(0, 3, "no row"), (5, COLUMNS + 1, "too many to explain")]
)
def test_what_cannot_be_explained_is_refused(rows: int, columns: int, words: str) -> None:
    frame = pd.DataFrame(np.zeros((rows, columns)))
    with pytest.raises(EvaluationError, match=words):
        contributions(lambda it: np.zeros(len(it)), frame, frame)


def test_an_explanation_ranks_columns_and_says_which_way_they_go() -> None:
    frame = flights(1000)
    predict = boosted(frame)
    found = explain(PLAN, predict, frame[:500], frame[500:], limits=Limits(rows=200, background=20))
    assert (found.rows, found.background, found.left_out) == (200, 20, 0)
    names = [it.name for it in found.features]
    assert names[0] == "distance"
    assert (found.features[0].rises or 0) > 0.8
    assert next(it for it in found.features if it.name == "origin").rises is None
    for it in found.features:
        assert 0 <= it.size.low <= it.size.value <= it.size.high
        assert list(it.quantiles) == sorted(it.quantiles)


def test_the_same_seed_explains_alike() -> None:
    frame = flights()
    predict = boosted(frame)
    one, other = (explain(PLAN, predict, frame[:100], frame[100:]) for _ in range(2))
    assert one.features == other.features


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.floats(-10, 10), min_size=1, max_size=5),
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 6),
)
def test_they_add_up_whatever_the_model(weights: list[float], seed: int, rows: int) -> None:
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(generator.normal(size=(rows + 3, len(weights))))

    def predict(it: pd.DataFrame) -> Numbers:
        numbers = it.to_numpy()
        found: Numbers = np.tanh(numbers @ weights) + np.prod(numbers, axis=1)
        return found

    found = contributions(predict, frame[:rows], frame[rows:], seed=seed)
    wanted = predict(frame[:rows])
    assert found.added.sum(axis=1) + found.base == pytest.approx(wanted, abs=1e-9)


def test_a_model_that_refuses_mixed_rows_is_not_explained_and_the_record_says_why() -> None:
    def predict(_: pd.DataFrame) -> Numbers:
        raise UserCodeError("features:build raised ValueError: odd row")

    found = explain(PLAN, predict, flights(), flights())
    assert (found.features, found.why) == ((), "features:build raised ValueError: odd row")
