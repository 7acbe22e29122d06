"""Profiles say what numpy and pandas say, keep what is personal, and compare without rows."""

from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.config import Column, Contract, Dataset, Kind
from pennon.datasets.profile import (
    FEWEST_BINS,
    FEWEST_ROWS,
    MOST_COLUMNS,
    ColumnProfile,
    Movement,
    Profile,
    difference,
    profile,
)

RANDOM = np.random.default_rng(11)
NUMBERS = st.lists(st.floats(allow_nan=False, width=64), min_size=1, max_size=60)


def dataset(**columns: Column) -> Dataset:
    return Dataset(source="x.csv", key=("id",), contract=Contract(columns=columns))


def of(values: object, kind: Kind = Kind.NUMBER, promise: str = "") -> ColumnProfile:
    """The profile of one column `x` with these values."""
    column = Column(type=kind, personal=promise == "personal", unique=promise == "unique")
    found = profile(pd.DataFrame({"x": values}), dataset(x=column))
    return found.columns[0]


def moved(now: object, before: object, kind: Kind = Kind.NUMBER) -> Movement:
    data = dataset(x=Column(type=kind))
    frames = (pd.DataFrame({"x": now}), pd.DataFrame({"x": before}))
    return difference(*(profile(frame, data) for frame in frames))[0]


def test_a_number_column_has_what_numpy_finds() -> None:
    values = np.append(RANDOM.normal(size=999), np.nan)
    found = of(values)
    assert (found.missing, found.distinct) == (1, 999)
    assert found.numbers is not None
    it = found.numbers
    assert (it.low, it.middle, it.high) == (
        np.nanmin(values),
        np.nanmedian(values),
        np.nanmax(values),
    )
    edges = [-np.inf, *it.cuts, np.inf]
    assert list(it.rows) == np.histogram(values[:-1], edges)[0].tolist()


def test_small_integers_have_a_bin_each() -> None:
    found = of(np.repeat(np.arange(1, 13), 3), Kind.INTEGER).numbers
    assert found is not None
    assert found.rows == (3,) * 12


def test_a_moment_is_seconds_in_utc() -> None:
    moments = pd.to_datetime(["1970-01-01T00:00:10Z", "1970-01-01T00:00:30Z"], utc=True)
    found = of(moments, Kind.DATETIME).numbers
    assert found is not None
    assert (found.low, found.middle, found.high) == (10.0, 20.0, 30.0)


def test_text_shows_values_that_many_rows_share() -> None:
    rare = [f"name {i}" for i in range(5)] * (FEWEST_ROWS - 1)
    found = of(["JFK"] * 30 + ["LGA"] * 20 + rare, Kind.STRING)
    assert found.labels is not None
    assert found.labels.common == (("JFK", 30), ("LGA", 20))
    assert (found.labels.others, found.distinct) == (len(rare), 7)


@pytest.mark.parametrize("promise", ["personal", "unique"])
def test_what_is_personal_or_names_rows_shows_no_value(promise: str) -> None:
    for values, kind in ((["secret"] * 20, Kind.STRING), (np.full(20, 123_456.0), Kind.NUMBER)):
        found = of(values, kind, promise)
        assert (found.missing, found.distinct) == (0, 1)
        text = msgspec.json.encode(found)
        assert b"secret" not in text
        assert b"123456" not in text


def test_a_key_shows_no_value() -> None:
    frame = pd.DataFrame({"id": ["a-secret"] * 20})
    found = profile(frame, dataset(id=Column(type=Kind.STRING)))
    assert b"a-secret" not in msgspec.json.encode(found)


def test_a_wide_table_stays_bounded() -> None:
    names = [f"c{i}" for i in range(MOST_COLUMNS + 5)]
    frame = pd.DataFrame(np.zeros((2, len(names))), columns=names)
    found = profile(frame, dataset(**{name: Column(type=Kind.NUMBER) for name in names}))
    assert (len(found.columns), found.left_out) == (MOST_COLUMNS, 5)


def test_a_profile_is_read_back_as_it_was() -> None:
    found = Profile(rows=3, columns=(of([0.1, 2.5, 3.7]), of(["a"] * 12, Kind.STRING)))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Profile) == found


@given(values=NUMBERS)
@settings(deadline=None)
def test_every_number_is_in_a_bin_and_the_bins_are_few(values: list[float]) -> None:
    finite = [value for value in values if np.isfinite(value)]
    found = of(values).numbers
    assert (found is None) == (not finite)
    if found is not None:
        assert sum(found.rows) == len(finite)
        assert len(found.cuts) <= 2 * FEWEST_BINS
        assert sorted(found.cuts) == list(found.cuts)
        assert np.isfinite(found.cuts).all()


@given(
    ours=st.lists(st.integers(-500, 500), min_size=20, max_size=200),
    theirs=st.lists(st.floats(-9, 2000), min_size=20, max_size=200),
)
@settings(deadline=None)
def test_two_profiles_are_compared_exactly_in_the_bins_that_both_know(
    ours: list[float], theirs: list[float]
) -> None:
    it = moved([float(x) for x in ours], theirs)
    edges = [-np.inf, *it.cuts, np.inf]
    p = np.histogram(ours, edges)[0] / len(ours)
    q = np.histogram(theirs, edges)[0] / len(theirs)
    assert it.moved == pytest.approx(np.abs(p - q).sum() / 2)
    assert it.shares == tuple(zip(p, q, strict=True))


def test_a_table_beside_itself_has_not_moved() -> None:
    values = RANDOM.exponential(size=500)
    assert moved(values, values).moved == 0
    assert not moved(values, values).is_news


@pytest.mark.parametrize("bins", [2, 3, 12, 30])
def test_equal_sources_are_hardly_ever_news(bins: int) -> None:
    def draw(rows: int) -> ColumnProfile:
        return of(RANDOM.integers(0, bins, rows), Kind.INTEGER)

    pairs = [(Profile(rows=800, columns=(draw(800),)), draw(500)) for _ in range(400)]
    found = [difference(now, Profile(rows=500, columns=(it,)))[0] for now, it in pairs]
    assert sum(it.is_news for it in found) <= 12  # expected: at most 4 or 5
    assert np.mean([(it.moved or 0) / it.chance for it in found]) > 0.2  # chance is no excuse


def test_a_shifted_column_is_news() -> None:
    it = moved(RANDOM.normal(0.5, 1, 2000), RANDOM.normal(size=2000))
    assert it.moved is not None
    assert it.moved > 0.15
    assert it.is_news


def test_labels_move_by_the_share_of_rows_that_changed() -> None:
    it = moved(["a"] * 50 + ["b"] * 50, ["a"] * 80 + ["b"] * 20, Kind.STRING)
    assert it.moved == pytest.approx(0.3)


def test_a_new_label_counts_as_moved() -> None:
    it = moved(["a"] * 50 + ["new"] * 50, ["a"] * 100, Kind.STRING)
    assert it.moved == pytest.approx(0.5)


def test_missing_values_count_as_moved_where_no_value_is_shown() -> None:
    data = dataset(x=Column(type=Kind.NUMBER, personal=True))
    now = pd.DataFrame({"x": [1.0, 2.0, None, None]})
    before = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]})
    assert difference(profile(now, data), profile(before, data))[0].moved == 0.5


def test_columns_that_came_and_went_come_first() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    number = Column(type=Kind.NUMBER)
    now, before = profile(frame, dataset(a=number)), profile(frame, dataset(a=number, b=number))
    gone, same = difference(now, before)
    assert (gone.name, gone.now, gone.moved, gone.is_news) == ("b", None, None, True)
    assert (same.name, same.moved) == ("a", 0)
