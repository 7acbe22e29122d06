"""Holm and Benjamini-Hochberg, with scipy and a simulation as oracles."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pennon.evaluation.multiplicity import findings, holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(p_values=P_VALUES, rate=st.floats(0.01, 0.3))
def test_findings_are_those_of_benjamini_and_hochberg(p_values: list[float], rate: float) -> None:
    adjusted = stats.false_discovery_control(p_values)
    sure = [abs(value - rate) > 1e-9 for value in adjusted]
    ours = findings(p_values, rate)
    assert all(
        mine == (value <= rate) or not clear
        for mine, value, clear in zip(ours, adjusted, sure, strict=True)
    )


@given(p_values=P_VALUES)
def test_holm_steps_down_and_stops_at_the_first_that_is_no_finding(p_values: list[float]) -> None:
    shares = holm(p_values, 0.05)
    left, stopped = len(p_values), False
    for p_value, share in sorted(zip(p_values, shares, strict=True)):
        assert share == 0.05 / left
        stopped = stopped or p_value > share
        left -= not stopped


def test_the_order_of_the_tests_does_not_matter() -> None:
    assert holm([0.06, 0.001, 0.02], 0.05) == [0.05, 0.05 / 3, 0.05 / 2]
    assert findings([0.04, 0.001, 0.02], 0.05) == [True, True, True]


def test_twenty_slices_that_are_alike_are_seldom_called_different() -> None:
    generator = np.random.default_rng(7)
    histories = 2000
    p_values = 2 * stats.norm.sf(np.abs(generator.normal(size=(histories, 20))))
    alarms = sum(
        any(p <= share for p, share in zip(row, holm(list(row), 0.05), strict=True))
        for row in p_values
    )
    assert 0.035 < alarms / histories < 0.065
    naive = (p_values <= 0.05).any(axis=1).mean()
    assert naive > 0.6


def test_no_test_is_no_finding() -> None:
    assert (holm([], 0.05), findings([], 0.05)) == ([], [])
