"""Closed forms against slow and plain ones: all pairs, scipy, the published example."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import roc_auc_score

from pennon.evaluation.closed import (
    area,
    area_difference,
    areas,
    mcnemar,
    mean,
    share,
    share_difference,
)

Numbers = NDArray[np.float64]


Hits = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def pairs(both: int, only_ours: int, only_theirs: int, neither: int) -> Hits:
    counts = (both, only_ours, only_theirs, neither)
    ours = np.repeat([True, True, False, False], counts)
    theirs = np.repeat([True, False, True, False], counts)
    return ours, theirs


def test_a_paired_difference_by_hand() -> None:
    """1, 1, 7 and 12 of 21 pairs: 2 / 23 - 8 / 23, and 1.96 times its adjusted Wald error."""
    noise = share_difference(*pairs(1, 1, 7, 12))
    assert noise.center == pytest.approx(-6 / 23)
    assert noise.interval(0.95) == pytest.approx((-0.508, -0.013), abs=1e-3)


@given(only_ours=st.integers(0, 30), only_theirs=st.integers(0, 30))
def test_mcnemar_is_the_exact_binomial_test(only_ours: int, only_theirs: int) -> None:
    found = mcnemar(*pairs(5, only_ours, only_theirs, 5))
    total = only_ours + only_theirs
    expected = stats.binomtest(only_ours, total, 0.5).pvalue if total else 1.0
    assert found == pytest.approx(expected)


def test_a_share_of_all_still_has_noise() -> None:
    noise = share(np.ones(50, dtype=bool))
    assert noise.error > 0
    assert noise.center < 1


def test_a_mean_has_the_t_interval() -> None:
    values = np.random.default_rng(1).normal(3, 2, 40)
    theirs = stats.t.interval(0.95, 39, values.mean(), stats.sem(values))
    assert mean(values).interval(0.95) == pytest.approx(theirs, abs=1e-6)


def slow(truth: Numbers, ours: Numbers, theirs: Numbers) -> tuple[float, float]:
    """DeLong's difference and variance, by all pairs."""
    found = []
    for prediction in (ours, theirs):
        ahead = prediction[truth > 0][:, None] - prediction[truth <= 0]
        found.append((ahead > 0) + 0.5 * (ahead == 0))
    above = np.stack([psi.mean(axis=1) for psi in found])
    below = np.stack([psi.mean(axis=0) for psi in found])
    covariance = np.cov(above) / above.shape[1] + np.cov(below) / below.shape[1]
    contrast = np.array([1, -1])
    return float(contrast @ above.mean(axis=1)), float(contrast @ covariance @ contrast)


@given(seed=st.integers(0, 10**6), rows=st.integers(8, 60), ties=st.booleans())
@settings(max_examples=60, deadline=None)
def test_delong_is_that_of_all_pairs(seed: int, rows: int, *, ties: bool) -> None:
    generator = np.random.default_rng(seed)
    truth = np.concatenate(([0, 0, 1, 1], generator.integers(0, 2, rows))).astype(float)
    ours, theirs = generator.random((2, truth.size)).round(1 if ties else 6)
    difference, variance = slow(truth, ours, theirs)
    noise = area_difference(truth, ours, theirs)
    assert noise.center == pytest.approx(difference)
    assert noise.error**2 == pytest.approx(max(variance, 0), abs=1e-12)
    assert area(truth, ours).center == pytest.approx(roc_auc_score(truth, ours))


def test_a_model_beside_itself_differs_by_nothing_for_sure() -> None:
    generator = np.random.default_rng(2)
    truth = (generator.random(200) < 0.3).astype(float)
    prediction = generator.random(200)
    noise = area_difference(truth, prediction, prediction)
    assert (noise.center, noise.error) == pytest.approx((0, 0), abs=1e-9)


def test_a_single_positive_row_is_no_crash() -> None:
    values, covariance = areas(np.array([1.0, 0, 0, 0]), [np.array([0.9, 0.1, 0.2, 0.3])])
    assert values[0] == 1
    assert np.isfinite(covariance).all()
