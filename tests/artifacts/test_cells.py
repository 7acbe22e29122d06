"""The columns of a request are those that training saw of the same values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.artifacts.cells import InputColumn, Row, frame, rows_of
from pennon.config import Column, Kind
from pennon.datasets.frame import typed
from pennon.errors import DataError


def _moment(microseconds: int) -> str:
    """Of thirty years around 1970, with its offset or without."""
    moment = datetime.fromtimestamp(microseconds / 1e6, UTC)
    return (moment if microseconds % 2 else moment.replace(tzinfo=None)).isoformat()


VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.NUMBER: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
    Kind.STRING: st.text(),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATETIME: st.integers(-(10**15), 10**15).map(_moment),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Row], list[InputColumn]]:
    """One to four rows of one to four columns."""
    kinds = draw(st.lists(st.tuples(st.sampled_from(Kind), st.booleans()), min_size=1, max_size=4))
    inputs = [InputColumn(f"c{i}", str(kind), may) for i, (kind, may) in enumerate(kinds)]
    cells = [VALUES[kind] | st.none() if may else VALUES[kind] for kind, may in kinds]
    return draw(st.lists(st.tuples(*cells), min_size=1, max_size=4)), inputs


@given(tables())
@settings(deadline=None)
def test_they_are_what_the_contract_makes_of_them(
    table: tuple[list[Row], list[InputColumn]],
) -> None:
    rows, inputs = table
    columns = {it.name: Column(type=Kind(it.type), missing=float(it.optional)) for it in inputs}
    cells = {
        it.name: pd.Series([row[i] for row in rows], dtype=object) for i, it in enumerate(inputs)
    }
    pd.testing.assert_frame_equal(frame(rows, inputs), typed(pd.DataFrame(cells), columns))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 1.5),
        ("integer", 2**64),
        ("boolean", 1),
        ("number", "much"),
        ("datetime", "now?"),
    ],
)
def test_a_value_of_another_type_is_named(kind: str, value: object) -> None:
    with pytest.raises(DataError, match=f"^age is no {kind}: "):
        frame([(value,)], [InputColumn("age", kind)])


def test_an_object_becomes_a_row_in_the_order_of_the_signature() -> None:
    inputs = [InputColumn("b", "number"), InputColumn("a", "string", optional=True)]
    assert rows_of([{"a": "x", "b": 1.0}, {"b": 2.0}], inputs) == [(1.0, "x"), (2.0, None)]
