"""What a cell becomes depends on its own text and the contract, on no other row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.artifacts.cells import InputColumn, rows_of
from pennon.artifacts.cells import frame as request
from pennon.config import Column, Contract, Dataset, Holdout, Kind
from pennon.datasets import breaches, read, split
from pennon.datasets.holdout import keys
from pennon.errors import DataError


def dataset(**columns: Column) -> Dataset:
    """Its first column is its key."""
    return Dataset(
        source="rows.csv",
        key=(next(iter(columns)),),
        contract=Contract(columns=columns),
        holdout=Holdout(share=0.5, salt="s"),
    )


def rows(folder: Path, text: str, it: Dataset) -> pd.DataFrame:
    (folder / "rows.csv").write_text(text, encoding="utf-8")
    return read(folder, it)


STRING, INTEGER = Column(type=Kind.STRING), Column(type=Kind.INTEGER)
GAPPY = Column(type=Kind.INTEGER, missing=1)
ONE_OF_EACH = {
    "id": STRING,
    "count": INTEGER,
    "rooms": GAPPY,
    "price": Column(type=Kind.NUMBER),
    "sold": Column(type=Kind.BOOLEAN),
    "at": Column(type=Kind.DATETIME),
}
KINDS = ["str", "int64", "Int64", "float64", "bool", "datetime64[us, UTC]"]


def test_words_stay_words_and_only_an_empty_cell_is_empty(tmp_path: Path) -> None:
    it = dataset(id=INTEGER, country=Column(type=Kind.STRING, missing=1))
    countries = rows(tmp_path, "id,country\n1,NO\n2,NA\n3,null\n4,\n", it)["country"]
    assert list(countries[:3]) == ["NO", "NA", "null"]
    assert countries.isna().tolist() == [False, False, False, True]


def test_text_that_looks_like_a_number_stays_as_it_is_written(tmp_path: Path) -> None:
    found = rows(tmp_path, "id\n007\n1.0\n1e3\n", dataset(id=STRING))
    assert found["id"].tolist() == ["007", "1.0", "1e3"]


def test_a_large_integer_beside_an_empty_cell_keeps_its_digits(tmp_path: Path) -> None:
    found = rows(tmp_path, "id,n\na,9007199254740993\nb,\n", dataset(id=STRING, n=GAPPY))
    assert found["n"][0] == 9007199254740993


@pytest.mark.parametrize(
    ("kind", "cell"),
    [(Kind.INTEGER, "1.5"), (Kind.BOOLEAN, "5"), (Kind.NUMBER, "1,5"), (Kind.DATETIME, "soon")],
)
def test_what_is_not_of_its_kind_is_a_breach_and_not_cut_to_fit(
    tmp_path: Path, kind: Kind, cell: str
) -> None:
    it = dataset(id=STRING, value=Column(type=kind))
    sound = "2026-01-01" if kind is Kind.DATETIME else "1"
    (finding,) = breaches(rows(tmp_path, f'id,value\na,{sound}\nb,"{cell}"\n', it), it)
    assert (finding.code, finding.column, finding.example) == ("wrong-type", "value", cell)


def test_an_odd_cell_does_not_change_the_other_columns(tmp_path: Path) -> None:
    it = dataset(id=STRING, a=INTEGER, b=GAPPY)
    found = rows(tmp_path, "id,a,b\n01,1,5\n02,x,\n", it)
    assert [finding.column for finding in breaches(found, it)] == ["a"]
    assert (found["id"].tolist(), str(found["b"].dtype)) == (["01", "02"], "Int64")


@pytest.mark.parametrize("lines", ["1,2,3\n4,5,6", "1,2\n4,5,6"])
def test_a_row_with_a_cell_too_many_is_refused(tmp_path: Path, lines: str) -> None:
    """Pandas alone would call the first cells an index, and shift the names by one."""
    with pytest.raises(DataError, match="cannot be read"):
        rows(tmp_path, f"id,n\n{lines}\n", dataset(id=INTEGER, n=INTEGER))


@given(
    extra=st.lists(st.sampled_from(["1.0", "x", "", "1e400", "-3", "0x1", "99999999999999999999"]))
)
@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("key", [STRING, INTEGER])
def test_a_key_keeps_its_text_whatever_rows_join_it(
    tmp_path_factory: pytest.TempPathFactory, key: Column, extra: list[str]
) -> None:
    """A row must not change its side of the holdout because of a neighbour."""
    folder = tmp_path_factory.mktemp("rows")
    it = dataset(id=key, n=Column(type=Kind.NUMBER, missing=1))
    text = "id,n\n" + "".join(f"{i},{i}\n" for i in range(20))
    before = keys(rows(folder, text, it), it)
    grown = text + "".join(f"{20 + i},{cell}\n" for i, cell in enumerate(extra))
    assert keys(rows(folder, grown, it), it)[:20] == before


def test_integers_that_became_decimals_in_an_export_keep_their_side(tmp_path: Path) -> None:
    """Pandas itself writes 7.0 for 7 as soon as one value of a column was empty."""
    it = dataset(id=INTEGER)
    plain = split(rows(tmp_path, "id\n" + "".join(f"{i}\n" for i in range(50)), it), it)
    again = split(rows(tmp_path, "id\n" + "".join(f"{i}.0\n" for i in range(50)), it), it)
    assert plain.digest == again.digest


def test_a_moment_is_the_same_key_beside_a_finer_one(tmp_path: Path) -> None:
    it = dataset(at=Column(type=Kind.DATETIME))
    one = keys(rows(tmp_path, "at\n2026-01-01\n", it), it)
    two = keys(rows(tmp_path, "at\n2026-01-01\n2026-01-01T10:00:00.5+02:00\n", it), it)
    assert two[0] == one[0]


def test_a_row_without_a_key_is_refused(tmp_path: Path) -> None:
    it = dataset(id=Column(type=Kind.STRING, missing=1), n=INTEGER)
    with pytest.raises(DataError, match=r"key column 'id' .* is empty in 1 rows"):
        split(rows(tmp_path, "id,n\na,1\n,2\n", it), it)


def test_a_request_has_the_types_that_training_had(tmp_path: Path) -> None:
    it = dataset(**ONE_OF_EACH)
    line = "007,3,2,1.5,true,2026-01-01T05:00:00"
    trained = rows(tmp_path, f"{','.join(ONE_OF_EACH)}\n{line}\n", it)
    inputs = tuple(
        InputColumn(name=name, type=str(column.type), optional=column.missing > 0)
        for name, column in ONE_OF_EACH.items()
    )
    row = dict(zip(ONE_OF_EACH, ["007", 3, 2, 1.5, True, "2026-01-01T05:00:00"], strict=True))
    asked = request(rows_of([row], inputs), inputs)
    assert [str(dtype) for dtype in trained.dtypes] == KINDS
    pd.testing.assert_frame_equal(asked, trained)
    empty = request(rows_of([row | {"rooms": None}], inputs), inputs)
    assert empty.dtypes.tolist() == trained.dtypes.tolist()


PARQUET = """
import sys, pandas as pd
from pathlib import Path
from pennon.config import Column, Contract, Dataset, Kind
from pennon.datasets import breaches, read
from pennon.datasets.holdout import keys
folder = Path(sys.argv[1])
frame = pd.DataFrame({"id": ["007", "8"], "n": pd.array([9007199254740993, None], dtype="Int64")})
frame.to_parquet(folder / "rows.parquet")
kinds = {"id": Column(type=Kind.STRING), "n": Column(type=Kind.INTEGER, missing=1)}
it = Dataset(source="rows.parquet", key=("id",), contract=Contract(columns=kinds))
found = read(folder, it)
assert breaches(found, it) == [] and keys(found, it) == ["007", "8"]
assert found["n"][0] == 9007199254740993 and str(found["n"].dtype) == "Int64"
frame.assign(id=[7, 8]).to_parquet(folder / "rows.parquet")
(finding,) = breaches(read(folder, it), it)
assert finding.what == "should be string, is Int64", finding
"""


def test_parquet_keeps_what_it_says(tmp_path: Path, parquet: dict[str, str]) -> None:
    command = [sys.executable, "-c", PARQUET, str(tmp_path)]
    subprocess.run(command, env=parquet, check=True)


def test_parquet_without_its_library_says_what_to_add(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"needs pyarrow; add it to requirements\.in"):
        read(tmp_path, msgspec.structs.replace(dataset(id=STRING), source="rows.parquet"))
