"""A request's JSON into rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.artifacts.cells import InputColumn
from pennon.serving.rows import MASK, Reader, Request, RequestError

INPUTS = (
    InputColumn("sepal length (cm)", "number"),
    InputColumn("n", "integer", optional=True),
    InputColumn("name", "string", optional=True),
    InputColumn("ok", "boolean"),
    InputColumn("at", "datetime"),
)
READER = Reader(INPUTS, personal=["name"])
GOOD = {"sepal length (cm)": 1, "n": 2, "name": "ann", "ok": True, "at": "2026-01-31T12:00:00Z"}


def test_values_come_in_the_order_of_the_signature() -> None:
    asked = READER.read(json.dumps(dict(reversed(GOOD.items()))).encode())
    assert asked.rows == [[1.0, 2, "ann", True, "2026-01-31T12:00:00Z"]]
    assert not asked.batch


def test_what_may_be_empty_may_be_left_out() -> None:
    row = {name: value for name, value in GOOD.items() if name not in {"n", "name"}}
    assert READER.read(json.dumps(row).encode()).rows[0][1:3] == [None, None]


def test_a_column_may_have_the_name_of_a_batch() -> None:
    reader = Reader([InputColumn("rows", "number")])
    assert reader.read(b'{"rows": 7}') == ([[7.0]], False)
    assert reader.read(b'{"rows": [{"rows": 7}]}') == ([[7.0]], True)


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", ""])
def test_a_moment_that_is_none_is_named(moment: str) -> None:
    with pytest.raises(RequestError) as refused:
        READER.read(json.dumps(GOOD | {"at": moment}).encode())
    assert [(it.row, it.field) for it in refused.value.wrong] == [(0, "at")]


def test_a_number_that_no_column_holds_is_named() -> None:
    with pytest.raises(RequestError) as refused:
        READER.read(json.dumps(GOOD | {"n": 2**63}).encode())
    assert [it.field for it in refused.value.wrong] == ["n"]


def test_personal_columns_are_not_shown() -> None:
    rows = READER.read(json.dumps(GOOD).encode()).rows
    assert READER.shown(rows) == [GOOD | {"name": MASK}]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just("2026-01-31"),
    st.lists(st.integers(), max_size=2),
)
ROWS = st.dictionaries(st.sampled_from([*GOOD, "other"]), VALUES).map(lambda row: GOOD | row)
BODIES = st.one_of(ROWS, st.fixed_dictionaries({"rows": st.lists(ROWS, max_size=3)}), VALUES)


def outcome(content: bytes) -> Request | RequestError:
    try:
        return READER.read(content)
    except RequestError as refused:
        return refused


@given(BODIES)
def test_a_request_is_read_or_every_wrong_field_is_named(body: Any) -> None:  # noqa: ANN401
    """The quick way and the thorough one agree on what is a request."""
    content = json.dumps(body).encode()
    asked = outcome(content)
    if isinstance(asked, RequestError):
        assert asked.wrong or "send" in asked.what
        return
    sent = body["rows"] if asked.batch else [body]
    first, *others = GOOD
    assert [dict(zip(GOOD, row, strict=True)) for row in asked.rows] == [
        {first: float(row[first])} | {name: row.get(name) for name in others} for row in sent
    ]
