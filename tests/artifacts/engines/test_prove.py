"""What the compiled form of an estimator answers, beside the estimator itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LogisticRegression, PoissonRegressor, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from pennon.artifacts.engines.compiled import Compiled
from pennon.artifacts.engines.convert import NotCompiledError, convert
from pennon.artifacts.engines.prove import Exact, Limits, Proof, prove, rowwise
from pennon.artifacts.predict import predict
from pennon.config import Task

Estimator = Any
"""scikit-learn has no types."""

WORDS, NUMBERS = ["origin", "carrier"], ["month", "distance", "wind"]
TIGHT = Limits(difference=1e-12, flips=0, scale=1.0)


def codes() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=60)


def coded(estimator: Estimator) -> Estimator:
    return make_pipeline(
        make_column_transformer((codes(), WORDS), ("passthrough", NUMBERS)), estimator
    )


def scaled(estimator: Estimator, **of_words: str) -> Estimator:
    rare = {"handle_unknown": "infrequent_if_exist", "min_frequency": 60}
    words = OneHotEncoder(**(of_words or rare))
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    return make_pipeline(make_column_transformer((words, WORDS), (numbers, NUMBERS)), estimator)


SMALL = {"n_estimators": 12, "random_state": 0}
CLASSIFIERS = {
    "logistic": scaled(LogisticRegression()),
    "unknown words ignored": scaled(LogisticRegression(), handle_unknown="ignore"),
    "histogram boosting": coded(HistGradientBoostingClassifier(max_iter=4)),
    "boosting after imputing": scaled(GradientBoostingClassifier(**SMALL)),
    "boosting from nought": scaled(GradientBoostingClassifier(init="zero", **SMALL)),
    "exponential boosting": scaled(GradientBoostingClassifier(loss="exponential", **SMALL)),
    "forest": coded(RandomForestClassifier(**SMALL)),
    "extra trees": scaled(ExtraTreesClassifier(max_depth=6, **SMALL)),
    "tree": coded(DecisionTreeClassifier(max_depth=5)),
    "a tree of one leaf": coded(DecisionTreeClassifier(min_samples_leaf=1000)),
}
REGRESSORS = {
    "ridge": scaled(Ridge()),
    "lasso": scaled(Lasso(alpha=0.01)),
    "poisson": scaled(PoissonRegressor()),
    "histogram boosting": coded(HistGradientBoostingRegressor(max_iter=4)),
    "gamma boosting": coded(HistGradientBoostingRegressor(loss="gamma", max_iter=4)),
    "boosting": scaled(GradientBoostingRegressor(**SMALL)),
    "forest": coded(RandomForestRegressor(**SMALL)),
}


def proof(estimator: Estimator, rows: pd.DataFrame, task: Task, limits: Limits = TIGHT) -> Proof:
    """Of an estimator that was fitted on the first half of the rows, on the second."""
    target = "late" if task is Task.CLASSIFICATION else "delay"
    columns = [name for name in rows.columns if name not in {"late", "delay"}]
    half = len(rows) // 2
    values = rows[target].abs() + 1
    estimator.fit(rows[columns][:half], rows[target][:half] if target == "late" else values[:half])
    judged = rows[columns][half:]
    return prove(convert(estimator, judged), exact(estimator, task), judged, limits)


def exact(estimator: Estimator, task: Task) -> Exact:
    return lambda features: predict(estimator, features, task)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_is_compiled_to_the_same_probabilities(
    name: str, flights: pd.DataFrame
) -> None:
    limits = Limits(difference=1e-12, flips=0, threshold=0.5)
    found = proof(CLASSIFIERS[name], flights, Task.CLASSIFICATION, limits)
    assert found.gap.within(limits)
    assert found.gap.rows == 600


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_is_compiled_to_the_same_values(name: str, flights: pd.DataFrame) -> None:
    found = proof(REGRESSORS[name], flights, Task.REGRESSION)
    assert found.gap.within(TIGHT)


def test_numbers_without_a_column_transformer_are_one_input(flights: pd.DataFrame) -> None:
    numbers = flights[[*NUMBERS, "late"]]
    boosting = make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=5))
    found = proof(boosting, numbers, Task.CLASSIFICATION)
    assert found.gap.within(TIGHT)


def test_an_unknown_word_is_answered_as_the_estimator_does(flights: pd.DataFrame) -> None:
    estimator = CLASSIFIERS["logistic"]
    compiled = Compiled(proof(estimator, flights, Task.CLASSIFICATION).content)
    row = flights[[*WORDS, *NUMBERS]].dropna().head(1).assign(origin="nowhere")
    found = compiled.frame(row)
    assert found is not None
    assert found[0] == pytest.approx(estimator.predict_proba(row)[0, 1], abs=1e-14)


def test_a_word_that_the_estimator_refuses_is_left_to_it(flights: pd.DataFrame) -> None:
    strict = scaled(LogisticRegression(), handle_unknown="error")
    compiled = Compiled(proof(strict, flights, Task.CLASSIFICATION).content)
    row = flights[[*WORDS, *NUMBERS]].dropna().head(1)
    assert compiled.frame(row) is not None
    assert compiled.frame(row.assign(origin="nowhere")) is None


def test_an_empty_number_that_the_estimator_refuses_is_left_to_it(flights: pd.DataFrame) -> None:
    full = flights.dropna()
    compiled = Compiled(
        proof(coded(GradientBoostingClassifier(**SMALL)), full, Task.CLASSIFICATION).content
    )
    row = full[[*WORDS, *NUMBERS]].head(1)
    assert compiled.frame(row) is not None
    assert compiled.frame(row.assign(wind=np.nan)) is None


def test_an_empty_word_is_left_to_the_estimator(flights: pd.DataFrame) -> None:
    compiled = Compiled(proof(CLASSIFIERS["forest"], flights, Task.CLASSIFICATION).content)
    row = flights[[*WORDS, *NUMBERS]].head(1)
    assert compiled.frame(row.assign(origin=np.array([None], dtype=object))) is None


def test_a_number_too_large_for_32_bits_is_left_to_the_estimator(flights: pd.DataFrame) -> None:
    compiled = Compiled(proof(CLASSIFIERS["forest"], flights, Task.CLASSIFICATION).content)
    row = flights[[*WORDS, *NUMBERS]].head(1)
    assert compiled.frame(row.assign(distance=1e39)) is None


def test_rows_answer_as_their_frame_does(flights: pd.DataFrame) -> None:
    compiled = Compiled(proof(CLASSIFIERS["forest"], flights, Task.CLASSIFICATION).content)
    some = flights[[*WORDS, *NUMBERS]].dropna().head(20)
    plain = list(some.itertuples(index=False, name=None))
    np.testing.assert_array_equal(compiled.rows(plain), compiled.frame(some))


def test_columns_in_another_order_are_left_to_the_estimator(flights: pd.DataFrame) -> None:
    compiled = Compiled(proof(CLASSIFIERS["forest"], flights, Task.CLASSIFICATION).content)
    assert compiled.frame(flights[[*NUMBERS, *WORDS]].head(1)) is None


class Careless(FunctionTransformer):  # type: ignore[misc]  # sklearn has no types
    """A step that nothing can compile."""


@pytest.mark.parametrize(
    ("estimator", "why"),
    [
        (coded(make_pipeline(Careless(np.abs), DecisionTreeClassifier())), "Careless"),
        (coded(HistGradientBoostingClassifier(categorical_features=[0])), "categories"),
        (scaled(LogisticRegression(), drop="first"), "drop"),
    ],
)
def test_what_cannot_be_compiled_says_why(
    estimator: Estimator, why: str, flights: pd.DataFrame
) -> None:
    with pytest.raises(NotCompiledError, match=why):
        proof(estimator, flights.dropna(), Task.CLASSIFICATION)


def test_a_feature_that_is_a_moment_is_not_compiled(flights: pd.DataFrame) -> None:
    dated = flights.assign(at=pd.Timestamp("2013-01-01", tz="UTC"))
    with pytest.raises(NotCompiledError, match="the feature at is of type datetime64"):
        proof(CLASSIFIERS["forest"], dated, Task.CLASSIFICATION)


def test_the_gap_of_another_model_is_found(flights: pd.DataFrame) -> None:
    features, limits = flights[NUMBERS], Limits(difference=1e-5, flips=0, threshold=0.5)
    ours = HistGradientBoostingClassifier(max_iter=5).fit(features, flights["late"])
    other = HistGradientBoostingClassifier(max_iter=6).fit(features, flights["late"])
    with pytest.raises(NotCompiledError, match="by more than 1e-05"):
        prove(convert(other, features), exact(ours, Task.CLASSIFICATION), features, limits)


def test_a_prediction_that_hangs_on_its_neighbours_is_found(flights: pd.DataFrame) -> None:
    numbers = flights[["distance"]].head(20)
    limits = Limits(difference=1e-9, flips=0)
    assert rowwise(lambda rows: rows["distance"].to_numpy() * 2.0, numbers, limits)
    assert not rowwise(
        lambda rows: (rows["distance"] / rows["distance"].max()).to_numpy(), numbers, limits
    )
