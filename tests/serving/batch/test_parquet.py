"""Parquet in and out, in a process that has pyarrow: with it pandas keeps text another way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desk import Desk
from pennon.errors import MissingExtraError

TESTS = Path(__file__).parents[2]
SCRIPT = """\
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import pandas as pd
import pyarrow.parquet as pq
from desk import Desk
from pennon.errors import DataError
from pennon.serving.batch.plan import Form
from shop import customers

desk = Desk(Path(sys.argv[2]), Path(sys.argv[3]))
rows = customers()
big = rows.assign(id=pd.array([2**53 + i if i else None for i in range(1000)], dtype="Int64"))
file = desk.folder / "in.parquet"
big.to_parquet(file, row_group_size=350)
"""
CASES = {
    "csv and parquet give the same predictions": """
desk.score(file, keep=("id",), form=Form.PARQUET)
table = pq.read_table(desk.folder / "out.parquet")
assert table.schema.field("id").type == "int64", table.schema
assert table["id"].to_pylist() == [None, *range(2**53 + 1, 2**53 + 1000)]
desk.score(desk.rows())
assert table["prediction"].to_pylist() == [float(row[1]) for row in desk.table()[1:]]
""",
    "csv is made of parquet": """
desk.score(file)
assert [row[0] for row in desk.table()[1:3]] == ["", str(2**53 + 1)]
assert len(desk.table()) == 1001
""",
    "parquet is made of csv": """
desk.score(desk.rows(), form=Form.PARQUET)
found = pd.read_parquet(desk.folder / "out.parquet")
assert found["id"].tolist() == [str(i) for i in range(1000)]
""",
    "a run that was killed goes on": """
for last, rows_done in ((0, 0), (2, 200), (5, 450)):  # a chunk ends with its row group
    try:
        desk.score(file, last=last, form=Form.PARQUET)
    except KeyboardInterrupt:
        pass
    found = desk.score(file, form=Form.PARQUET)
    data = (desk.folder / "out.parquet").read_bytes()
    assert found.resumed == rows_done, found
    desk.score(file, form=Form.PARQUET, overwrite=True)
    assert (desk.folder / "out.parquet").read_bytes() == data
    (desk.folder / "out.parquet").unlink()
""",
    "bad rows are put aside": """
odd = rows.assign(age=rows["age"].astype(object).where(rows.index != 7, None))
odd.loc[9, "country"] = "XX"
odd.astype({"age": "float64"}).to_parquet(file)
try:
    desk.score(file)
except DataError as error:
    assert "in.parquet: row 8, column age: is empty (and 1 more bad row" in str(error), error
found = desk.score(file, skip=True)
assert (found.rows, found.scored, found.bad) == (1000, 998, 2)
assert pd.read_csv(desk.folder / "out.csv.bad.csv")["row"].tolist() == [8, 10]
""",
    "a text column of numbers is read as numbers": """
age = rows["age"].astype("str").where(rows.index != 3, "old")
rows.assign(age=age).to_parquet(file)
found = desk.score(file, skip=True)
assert found.bad == 1
""",
    "no rows make a file without rows": """
big.head(0).to_parquet(file)
assert desk.score(file, form=Form.PARQUET).rows == 0
assert pq.read_schema(desk.folder / "out.parquet").field("id").type == "int64"
""",
    "what is no parquet is named": """
file.write_bytes(b"PAR1 no more")
try:
    desk.score(file)
except DataError as error:
    assert "in.parquet cannot be read" in str(error), error
else:
    raise SystemExit("it was read")
""",
}


@pytest.mark.parametrize("case", CASES)
def test_of_parquet(case: str, desk: Desk, parquet: dict[str, str]) -> None:
    arguments = [str(TESTS), str(desk.bundle), str(desk.folder)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT + CASES[case], *arguments],
        env=parquet,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_without_its_library_it_says_what_to_add(desk: Desk) -> None:
    with pytest.raises(MissingExtraError, match=r"add pyarrow to requirements\.in"):
        desk.score(desk.rows(name="in.parquet"))
