"""scipy is the oracle of the quantiles; intervals, power and rows follow from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pennon.evaluation.estimate import Noise, quantile, together

KNOWN = Noise(center=0.02, error=0.01)


@pytest.mark.parametrize("df", [10, 29, 100, 10_000])
@given(probability=st.floats(0.0005, 0.9995))
def test_the_quantile_is_students(df: int, probability: float) -> None:
    assert quantile(probability, df) == pytest.approx(stats.t.ppf(probability, df), abs=1e-3)


def test_without_degrees_of_freedom_it_is_normal() -> None:
    assert KNOWN.interval(0.95) == pytest.approx((0.0004, 0.0396), abs=1e-4)
    assert KNOWN.p_value() == pytest.approx(2 * stats.norm.sf(2))


def test_a_number_without_noise_is_itself() -> None:
    sure = Noise(center=0.1, error=0.0)
    assert sure.interval(0.95) == (0.1, 0.1)
    assert (sure.p_value(), sure.p_value(0.1)) == (0.0, 1.0)
    assert sure.enough(100, 0.95) is None


def test_what_is_detectable_shows_in_nine_of_ten() -> None:
    generator = np.random.default_rng(1)
    difference = KNOWN.detectable(0.95)
    seen = generator.normal(difference, KNOWN.error, 20_000)
    shown = np.abs(seen) / KNOWN.error > stats.norm.ppf(0.975)
    assert shown.mean() == pytest.approx(0.9, abs=0.01)


def test_with_enough_rows_the_interval_ends_at_the_limit() -> None:
    rows = KNOWN.enough(1000, 0.99)
    assert rows == 1659
    smaller = Noise(center=KNOWN.center, error=KNOWN.error * (1000 / rows) ** 0.5)
    assert smaller.interval(0.99)[0] == pytest.approx(0, abs=1e-5)


def test_the_mean_of_independent_estimates() -> None:
    both = together(Noise(center=0.0, error=0.03), Noise(center=0.1, error=0.04))
    assert (both.center, both.error) == pytest.approx((0.05, 0.025))
