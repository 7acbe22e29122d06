"""What can be asked of a column, whatever is in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.evaluation.conditions import LONGEST, MOST_VALUES, Conditions, conditions_of


def asked(values: Any, name: str = "x") -> Conditions:  # noqa: ANN401  any column
    series = pd.Series(values)
    return conditions_of(name, series, np.ones(len(series), dtype=bool))


def rows(found: Conditions) -> dict[str, list[int]]:
    """Words -> the numbers of the rows."""
    return {words: np.flatnonzero(found.rows(i)).tolist() for i, words in enumerate(found.words)}


def test_the_commonest_values_and_empty_cells_are_conditions() -> None:
    found = rows(asked(["LGA", "JFK", None, "LGA"]))
    assert found == {"x=LGA": [0, 3], "x=JFK": [1], "x is empty": [2]}


def test_no_more_values_than_can_be_told_apart_are_asked_for() -> None:
    assert len(asked([f"name {i % 40}" for i in range(400)]).words) == MOST_VALUES


def test_few_numbers_are_asked_one_by_one() -> None:
    assert rows(asked([1.0, 2.5, 1.0, np.nan])) == {
        "x=1": [0, 2],
        "x=2.5": [1],
        "x is empty": [3],
    }


def test_many_numbers_are_asked_by_quarter_and_half() -> None:
    found = rows(asked(np.append(np.arange(100.0), np.nan)))
    assert list(found) == [
        "x ≤ 24.8",
        "24.8 < x ≤ 49.5",
        "49.5 < x ≤ 74.2",
        "x > 74.2",
        "x is empty",
        "x ≤ 49.5",
        "x > 49.5",
    ]
    assert found["x > 74.2"] == list(range(75, 100))
    assert found["x ≤ 49.5"] == list(range(50))
    assert found["x is empty"] == [100]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 12_345.678, 1e15])
def test_the_words_mean_what_they_say(scale: float) -> None:
    numbers = np.random.default_rng(1).normal(3, 1, 500) * scale
    found = rows(asked(numbers))
    (last,) = (words for words in found if words.startswith("x > ") and len(found[words]) < 200)
    edge = float(last.removeprefix("x > "))
    assert found[last] == np.flatnonzero(numbers > edge).tolist()


def test_numbers_that_are_mostly_one_have_the_conditions_that_are_left() -> None:
    found = rows(asked([0.0] * 90 + [float(i) for i in range(1, 21)]))
    assert set(found) == {"x ≤ 0", "x > 0", "x is empty"}
    assert len(found["x > 0"]) == 20


def test_moments_are_asked_by_day() -> None:
    days = pd.Series(pd.date_range("2013-01-01", periods=400, freq="D", tz="UTC"))
    found = rows(asked(days))
    assert "x ≤ 2013-04-10" in found
    assert found["x ≤ 2013-04-10"] == list(range(100))


def test_values_that_read_alike_are_one() -> None:
    assert rows(asked([1, "1", True, 1.0, "x"])) == {"x=1": [0, 1, 2, 3], "x=x": [4]}


def test_what_cannot_be_counted_is_asked_by_its_text() -> None:
    assert rows(asked([[1], [1], {"a": 2}]))["x=[1]"] == [0, 1]


def test_a_document_is_named_by_its_beginning() -> None:
    (words,) = asked(["word " * 1000] * 3).words
    assert len(words) <= LONGEST + len("x=")


def test_only_the_rows_that_are_seen_tell_where_an_edge_is() -> None:
    numbers = pd.Series(np.append(np.arange(100.0), np.full(100, 1e6)))
    seen = np.arange(200) < 100
    found = conditions_of("x", numbers, seen)
    assert "x > 74.2" in found.words
    assert found.rows(found.words.index("x > 74.2")).sum() == 125


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=3)
    | st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1))
    | st.lists(st.integers(), max_size=2)
)


@given(values=st.lists(VALUES, min_size=1, max_size=60) | st.lists(st.floats(), min_size=20))
def test_no_content_of_a_column_brings_it_down(values: list[Any]) -> None:
    series = pd.Series(values, dtype=object)
    for column in (series, series.infer_objects()):
        found = conditions_of("x", column, np.arange(len(values)) % 2 == 0)
        assert found.meets.shape[0] == len(found.words) == len(set(found.words))
        for i in range(len(found.words)):
            assert found.rows(i).shape == (len(values),)
