"""The sheet of an audit: what people wrote comes back as text, whatever they wrote."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.cli.sheet import line, plain


@given(st.lists(st.text(), min_size=2))
def test_a_row_is_read_back_cell_by_cell(row: list[str]) -> None:
    read = list(csv.reader(io.StringIO(line(row), newline="")))
    assert read == [[plain(cell) for cell in row]]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_run_by_a_spreadsheet(cell: str) -> None:
    assert plain(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert plain("better = more") == "better = more"
