"""Which files are read, and what their outputs are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.errors import DataError, PennonError
from pennon.serving.batch.files import pairs
from pennon.serving.batch.plan import BatchError, Form


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in (
        "in/b.csv",
        "in/a/c.parquet",
        "in/notes.txt",
        "in/.hidden.csv",
        "one.csv",
        "x.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "twins").mkdir()
    (tmp_path / "twins" / "a.csv").touch()
    (tmp_path / "twins" / "a.parquet").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("read", "write", "form", "outputs"),
    [
        ("one.csv", "out.csv", None, ["out.csv"]),
        ("one.csv", "out.parquet", None, ["out.parquet"]),
        ("one.csv", "out", None, ["out/one.csv"]),
        ("one.csv", "out", Form.PARQUET, ["out/one.parquet"]),
        ("in", "out", None, ["out/a/c.parquet", "out/b.csv"]),
        ("in", "out", Form.CSV, ["out/a/c.csv", "out/b.csv"]),
    ],
)
def test_an_output_has_the_name_of_its_input(
    here: Path, read: str, write: str, form: Form | None, outputs: list[str]
) -> None:
    found = pairs(here / read, here / write, form)
    assert [it.output.relative_to(here).as_posix() for it in found] == outputs
    assert [f".{it.form}" for it in found] == [it.output.suffix for it in found]


@pytest.mark.parametrize(
    ("read", "write", "form", "error", "words"),
    [
        ("nothing", "out", None, DataError, "there is no"),
        ("empty", "out", None, DataError, r"has no file that ends in \.csv or \.parquet"),
        ("x.txt", "out", None, DataError, r"does not end in \.csv or \.parquet"),
        ("in", "out.csv", None, BatchError, "is a folder, .* is a file"),
        ("in", "x.txt", None, BatchError, "is a folder, .* is a file"),
        ("in", "in/out", None, BatchError, "lies in"),
        ("in", "in", None, BatchError, "lies in"),
        ("one.csv", "one.csv", None, BatchError, "is the input itself"),
        ("twins", "out", Form.CSV, BatchError, r"a\.csv and a\.parquet would both become"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    *, here: Path, read: str, write: str, form: Form | None, error: type[PennonError], words: str
) -> None:
    with pytest.raises(error, match=words):
        pairs(here / read, here / write, form)
