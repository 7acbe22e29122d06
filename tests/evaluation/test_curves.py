"""scikit-learn is the oracle: each point of a curve is one of its points."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from pennon.config import Task
from pennon.evaluation import curves as made
from pennon.evaluation.points import ClassifierCurves, Curves, RegressorCurves

Floats = NDArray[np.float64]


def rows(n: int, seed: int = 5, digits: int = 15) -> tuple[Floats, Floats]:
    """Truth and a prediction that knows something of it; few `digits` make ties."""
    generator = np.random.default_rng(seed)
    prediction = generator.beta(2, 5, n).round(digits)
    truth = (generator.random(n) < prediction).astype(np.float64)
    truth[:2] = (0, 1)
    return truth, prediction


CASES = pytest.mark.parametrize(("n", "digits"), [(2, 15), (40, 1), (3000, 2), (20_000, 15)])


@CASES
def test_every_point_of_the_roc_curve_is_one_of_the_oracles(n: int, digits: int) -> None:
    truth, prediction = rows(n, digits=digits)
    positives = int(truth.sum())
    ours = made.sweep(truth, prediction).roc(positives, n - positives)
    wrong, right, _ = oracle.roc_curve(truth, prediction, drop_intermediate=False)
    assert {*ours} <= {*zip(wrong.tolist(), right.tolist(), strict=True)}
    assert (ours[0], ours[-1]) == ((0, 0), (1, 1))
    assert len(ours) <= 2 * made.MOST_POINTS + 1


@CASES
def test_every_point_of_the_precision_recall_curve_is_one_of_the_oracles(
    n: int, digits: int
) -> None:
    truth, prediction = rows(n, digits=digits)
    ours = made.sweep(truth, prediction).precision_recall(int(truth.sum()))
    precision, recall, _ = oracle.precision_recall_curve(truth, prediction)
    assert {*ours} <= {*zip(recall.tolist(), precision.tolist(), strict=True)}
    assert ours == sorted(ours, key=lambda point: point[0])


def test_the_area_below_the_points_is_that_of_the_curve() -> None:
    truth, prediction = rows(50_000)
    positives = int(truth.sum())
    ours = made.sweep(truth, prediction).roc(positives, truth.size - positives)
    area = np.trapezoid([y for _, y in ours], [x for x, _ in ours])
    assert area == pytest.approx(oracle.roc_auc_score(truth, prediction), abs=2e-4)


@CASES
def test_counts_are_those_of_the_confusion_matrix(n: int, digits: int) -> None:
    truth, prediction = rows(n, digits=digits)
    at = made.thresholds(prediction, 0.37)
    found = made.counted(truth, prediction, at)
    for threshold, right, wrong in zip(
        found.thresholds, found.true_positive, found.false_positive, strict=True
    ):
        (_, false), (_, true) = oracle.confusion_matrix(truth, prediction >= threshold)
        assert (right, wrong) == (true, false)


def test_thresholds_hold_the_one_that_decides_and_look_closer_where_predictions_are() -> None:
    _, prediction = rows(5000)
    rare = made.thresholds(prediction / 100, 0.123_456)
    assert 0.123_456 in rare
    assert (rare < 0.02).sum() > 60
    assert rare.size <= 151
    assert list(rare) == sorted(rare, reverse=True)


@CASES
def test_calibration_is_the_oracles(n: int, digits: int) -> None:
    truth, prediction = rows(n, digits=digits)
    found = made.calibration(truth, prediction)
    observed, predicted = calibration_curve(truth, prediction, n_bins=10, strategy="quantile")
    assert found.observed == pytest.approx(observed.tolist())
    assert list(found.predicted) == pytest.approx(predicted.tolist())
    assert sum(found.rows) == n


@given(st.lists(st.floats(0, 1), min_size=3, max_size=50))
@settings(deadline=None)
def test_any_prediction_makes_curves_that_add_up(values: list[float]) -> None:
    prediction = np.array(values)
    truth = np.tile([0.0, 1.0], prediction.size)[: prediction.size]
    found = made.curves(Task.CLASSIFICATION, truth, prediction)
    assert isinstance(found, ClassifierCurves)
    it = found.candidate
    assert it.sweep.true_positive[-1] == found.positives
    assert it.sweep.false_positive[-1] == found.negatives
    assert it.sweep.thresholds[-1] == prediction.min()
    assert sum(it.predictions) == sum(it.calibration.rows) == found.rows


def regression(n: int = 4000) -> tuple[Floats, Floats, RegressorCurves]:
    generator = np.random.default_rng(3)
    truth = generator.normal(10, 30, n)
    prediction = truth * 0.8 + generator.normal(0, 9, n)
    found = made.curves(Task.REGRESSION, truth, prediction, truth + 1)
    assert isinstance(found, RegressorCurves)
    return prediction, prediction - truth, found


def test_a_fan_has_the_quantiles_of_like_predictions() -> None:
    prediction, residual, found = regression()
    fan = found.candidate.fan
    lowest = residual[prediction <= np.quantile(prediction, 1 / made.FAN_BINS)]
    assert fan.rows[0] == lowest.size == 200
    assert fan.quantiles[0] == pytest.approx(np.quantile(lowest, made.QUANTILES).tolist())
    assert list(fan.predicted) == sorted(fan.predicted)


def test_residuals_are_counted_between_shared_edges() -> None:
    _, residual, found = regression()
    edges = [-np.inf, *found.edges, np.inf]
    assert list(found.candidate.residuals) == np.histogram(residual, edges)[0].tolist()
    assert found.champion is not None
    assert len(found.champion.residuals) == len(found.edges) + 1


def test_one_prediction_for_all_rows_makes_one_bin() -> None:
    truth = np.arange(50.0)
    found = made.curves(Task.REGRESSION, truth, np.full(50, 7.0))
    assert isinstance(found, RegressorCurves)
    assert found.candidate.fan.rows == (50,)


@pytest.mark.parametrize("task", Task)
def test_curves_are_read_back_as_they_were_and_stay_small(task: Task) -> None:
    truth, prediction = rows(100_000)
    found = made.curves(task, truth, prediction, prediction**2, threshold=0.4)
    text = msgspec.json.encode(found)
    assert msgspec.json.decode(text, type=Curves) == found
    assert len(text) < 60_000
