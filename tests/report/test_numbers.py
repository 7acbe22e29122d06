"""Numbers look the same everywhere, and never say more or less than was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.report import numbers

FINITE = st.floats(-1e6, 1e6, allow_nan=False)
NARROW = numbers.NARROW


def test_counts_group_their_thousands() -> None:
    assert numbers.count(1234567) == f"1{NARROW}234{NARROW}567"


@pytest.mark.parametrize(
    ("number", "text"), [(0.0071, "+0.007"), (-0.0049, "−0.005"), (0.0, "0.000")]
)
def test_a_difference_shows_its_sign(number: float, text: str) -> None:
    assert numbers.signed(number, 3) == text


def test_what_is_missing_is_a_dash() -> None:
    assert numbers.value(None, 3) == numbers.signed(None, 3) == numbers.share(None) == "—"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.2313, "23.1"), (0.0813, "8.1"), (0.00042, "0.042"), (1.0, "100"), (0.0, "0")],
)
def test_a_share_is_read_in_percent(number: float, text: str) -> None:
    assert numbers.share(number) == f"{text}{NARROW}%"


def test_growth_says_what_happened_to_the_rows() -> None:
    assert numbers.growth(17274, 18000) == f"+4.2{NARROW}%"
    assert numbers.growth(100, 90) == f"−10{NARROW}%"
    assert numbers.growth(0, 5) == "+5"
    assert numbers.growth(5, 5) == "same"


def test_times_and_sizes_have_units() -> None:
    assert numbers.seconds(4.13) == f"4.1{NARROW}s"
    assert numbers.seconds(125.2) == f"2{NARROW}min 5{NARROW}s"
    assert numbers.size(412_345) == f"412.3{NARROW}kB"
    assert numbers.size(12) == "12 bytes"
    assert numbers.moment("2026-11-21T14:02:09Z") == "2026-11-21 14:02 UTC"


@pytest.mark.parametrize(
    ("values", "bounds", "expected"),
    [
        ([0.874, 0.881], [0.001, 0.013], 3),
        ([22.4, 23.9], [-1.9, -1.2], 2),
        ([122.4, 123.9], [-11.9, -1.2], 1),
        ([0.874, 0.8741], [-0.00012, 0.00028], 5),
    ],
)
def test_a_row_has_the_decimals_that_its_interval_deserves(
    values: list[float], bounds: list[float], expected: int
) -> None:
    assert numbers.places(values, bounds) == expected


def test_a_bound_that_just_misses_the_limit_does_not_look_like_it() -> None:
    digits = numbers.places([0.5], [-0.0303, 0.02], [-0.03])
    assert numbers.signed(-0.0303, digits) != numbers.signed(-0.03, digits)


@given(st.lists(FINITE, max_size=4), st.lists(FINITE, max_size=2), st.lists(FINITE, max_size=3))
def test_decimals_stay_readable(
    values: list[float], bounds: list[float], limits: list[float]
) -> None:
    assert 1 <= numbers.places(values, bounds, limits) <= numbers.MOST_PLACES


@given(FINITE, st.integers(0, 6))
def test_a_printed_number_reads_back_as_what_was_rounded(number: float, digits: int) -> None:
    text = numbers.signed(number, digits).replace(NARROW, "").replace("−", "-")
    assert float(text) == pytest.approx(round(number, digits), abs=10**-digits)


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (None, "bytes", "—"),
        (812_345.0, "bytes", "812.3\u202fkB"),
        (0.0243, "seconds", "24.3\u202fms"),
        (2.5, "seconds", "2.5\u202fs"),
    ],
)
def test_what_it_costs_to_run_has_its_unit(number: float | None, unit: str, text: str) -> None:
    assert numbers.cost(number, unit) == text


@pytest.mark.parametrize(("number", "text"), [(0.0, "0"), (2.2e-16, "2e−16"), (0.00031, "3e−04")])
def test_something_very_small_is_a_power_of_ten(number: float, text: str) -> None:
    assert numbers.power(number) == text
