"""A CSV file is cut between rows, wherever quotes and blocks end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pennon.errors import DataError
from pennon.serving.batch import split
from pennon.serving.batch.plan import Chunk
from pennon.serving.batch.split import chunks, filled, header, masked

CELLS = st.text(alphabet='ab",\n ', max_size=6)
TABLES = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12)
ANYWHERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(rows: list[tuple[str, str]], end: str = "\n") -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator=end).writerows([("left", "right"), *rows])
    return made.getvalue().encode()


def cells(found: list[Chunk], file: Path) -> list[tuple[str, ...]]:
    texts = [filled(it, file).data.decode() for it in found]
    return [tuple(row) for it in texts for row in csv.reader(io.StringIO(it, newline=""))]


@ANYWHERE
@given(
    table=TABLES,
    rows=st.integers(1, 5),
    end=st.sampled_from(["\n", "\r\n"]),
    open_end=st.booleans(),
)
def test_the_chunks_are_the_rows_of_the_file(
    tmp_path: Path, table: list[tuple[str, str]], rows: int, end: str, *, open_end: bool
) -> None:
    file = tmp_path / "rows.csv"
    data = written(table, end)
    file.write_bytes(data.removesuffix(end.encode()) if open_end else data)
    found = list(chunks(file, rows, None))
    assert cells(found, file) == table
    assert {len(cells([it], file)) for it in found[:-1]} <= {rows}
    assert found[-1].next.row == len(table)


@ANYWHERE
@given(TABLES, st.integers(1, 9))
def test_no_block_ends_where_it_matters(
    tmp_path: Path, table: list[tuple[str, str]], block: int
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(written(table))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split, "_BLOCK", block)
        patch.setattr(split, "_NEAR", 2)
        found = list(chunks(file, 2, None))
    assert cells(found, file) == table


@ANYWHERE
@given(TABLES, st.integers(1, 5))
def test_who_goes_on_gets_the_chunks_that_are_left(
    tmp_path: Path, table: list[tuple[str, str]], rows: int
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(written(table))
    found = list(chunks(file, rows, None))
    for i, chunk in enumerate(found):
        assert list(chunks(file, rows, chunk.next)) == found[i + 1 :]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('a,"b,c"\n', "a,\0\0\0\0\0\n"),
        ('"a\n""b"\n', "\0\0\0\0\0\0\0\n"),
        ('5" pipe,"x"y\n', '5" pipe,\0\0\0y\n'),
        ('a,"open\n', "a,\0\0\0\0\0\0"),
    ],
)
def test_only_what_is_in_quotes_is_masked(text: str, left: str) -> None:
    assert masked(text.encode()) == left.encode()


def test_a_quote_that_is_never_closed_is_named_with_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "LONGEST", 1 << 16)
    monkeypatch.setattr(split, "_BLOCK", 1 << 10)
    file = tmp_path / "rows.csv"
    file.write_text('a,b\n1,2\n3,"4\n' + "5,6\n" * (1 << 16))
    with pytest.raises(DataError, match=r"rows\.csv: row 2 has no end .* never closed"):
        list(chunks(file, 10, None))


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"a,b\n1,2\n", ("a", "b")),
        (b"\xef\xbb\xbfa,b\r\n1,2\r\n", ("a", "b")),
        (b'"a\nb",c', ("a\nb", "c")),
    ],
)
def test_the_first_line_names_the_columns(
    tmp_path: Path, data: bytes, names: tuple[str, ...]
) -> None:
    (tmp_path / "rows.csv").write_bytes(data)
    assert header(tmp_path / "rows.csv")[1] == names


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "is empty"), (b"\n\n", "is empty"), (b"\xff\xfe\n", "is not UTF-8")]
)
def test_a_file_without_a_first_line_is_none(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "rows.csv").write_bytes(data)
    with pytest.raises(DataError, match=words):
        header(tmp_path / "rows.csv")
