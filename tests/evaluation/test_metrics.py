"""scikit-learn is the oracle: with weights of one and with any whole weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle

from pennon.config import Task
from pennon.errors import ConfigError
from pennon.evaluation import check, known, metric
from pennon.evaluation.metrics import vectorised

Numbers = NDArray[np.float64]
Oracle = Callable[[Numbers, Numbers, Numbers], float]


def by_label(function: Callable[..., Any]) -> Oracle:
    return lambda t, p, w: float(function(t, p >= 0.5, sample_weight=w))


def by_value(function: Callable[..., Any]) -> Oracle:
    return lambda t, p, w: float(function(t, p, sample_weight=w))


CLASSIFIERS: dict[str, Oracle] = {
    "roc_auc": by_value(oracle.roc_auc_score),
    "average_precision": by_value(oracle.average_precision_score),
    "accuracy": by_label(oracle.accuracy_score),
    "balanced_accuracy": by_label(oracle.balanced_accuracy_score),
    "f1": by_label(oracle.f1_score),
    "precision": by_label(oracle.precision_score),
    "recall": by_label(oracle.recall_score),
    "log_loss": by_value(oracle.log_loss),
    "brier_score": by_value(oracle.brier_score_loss),
}
REGRESSORS: dict[str, Oracle] = {
    "mean_absolute_error": by_value(oracle.mean_absolute_error),
    "root_mean_squared_error": by_value(oracle.root_mean_squared_error),
    "mean_squared_error": by_value(oracle.mean_squared_error),
    "r2": by_value(oracle.r2_score),
}


def drawn(seed: int, rows: int, *, ties: bool) -> tuple[Numbers, Numbers, Numbers]:
    """Truth with both classes, predictions (rounded: with ties), whole weights."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, rows).astype(np.float64)
    truth[:2] = (0, 1)
    prediction = generator.uniform(0.01, 0.99, rows)
    prediction[:4] = (0.2, 0.8, 0.7, 0.9)
    weights = generator.poisson(1.0, rows).astype(np.float64)
    weights[:4] = 1
    return truth, prediction.round(1) if ties else prediction, weights


CASES = st.tuples(st.integers(0, 10**6), st.integers(5, 60), st.booleans())


def test_every_metric_has_its_oracle() -> None:
    assert set(CLASSIFIERS) == set(known(Task.CLASSIFICATION))
    assert {*REGRESSORS, "median_absolute_error"} == set(known(Task.REGRESSION))


@pytest.mark.parametrize("name", CLASSIFIERS)
@given(case=CASES)
@settings(max_examples=40, deadline=None)
def test_a_classification_metric_equals_scikit_learns(
    name: str, case: tuple[int, int, bool]
) -> None:
    truth, prediction, weights = drawn(case[0], case[1], ties=case[2])
    stacked = np.stack([np.ones_like(weights), weights])
    ours = vectorised(name)(truth, prediction, stacked)
    theirs = [CLASSIFIERS[name](truth, prediction, row) for row in stacked]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", REGRESSORS)
@given(case=CASES)
@settings(max_examples=40, deadline=None)
def test_a_regression_metric_equals_scikit_learns(name: str, case: tuple[int, int, bool]) -> None:
    truth, prediction, weights = drawn(case[0], case[1], ties=case[2])
    truth = truth * 3 + prediction**2
    stacked = np.stack([np.ones_like(weights), weights])
    ours = vectorised(name)(truth, prediction, stacked)
    theirs = [REGRESSORS[name](truth, prediction, row) for row in stacked]
    np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-9)


@given(seed=st.integers(0, 10**6), rows=st.integers(5, 40))
@settings(max_examples=60, deadline=None)
def test_the_median_of_weighted_rows_is_that_of_the_repeated_rows(seed: int, rows: int) -> None:
    truth, prediction, weights = drawn(seed, rows, ties=True)
    repeat = weights.astype(int)
    ours = vectorised("median_absolute_error")(truth, prediction, weights[np.newaxis])
    expected = oracle.median_absolute_error(np.repeat(truth, repeat), np.repeat(prediction, repeat))
    np.testing.assert_allclose(ours[0], expected)


def test_a_resample_without_a_positive_row_gives_nan_and_no_warning() -> None:
    truth, prediction = np.array([0.0, 1.0]), np.array([0.1, 0.9])
    weights = np.array([[1.0, 0.0]])
    assert np.isnan(vectorised("roc_auc")(truth, prediction, weights)).all()


def test_scikit_learns_own_name_is_understood() -> None:
    assert metric("neg_log_loss").name == "log_loss"


def test_a_misspelt_metric_is_answered_with_the_likely_one() -> None:
    with pytest.raises(ConfigError, match=r"no metric 'roc_auk'; did you mean roc_auc\?"):
        metric("roc_auk")


def test_a_metric_of_the_other_task_is_refused_with_what_fits() -> None:
    with pytest.raises(ConfigError, match="not for regression; the metrics for regression are"):
        check("roc_auc", Task.REGRESSION)
