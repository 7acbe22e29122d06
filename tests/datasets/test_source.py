"""Files of a source, and pointers that DVC wrote (`dvc add`, DVC 3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.config import Column, Contract, Dataset, Kind
from pennon.datasets import content_digest, files, read
from pennon.errors import DataError

FILE = "outs:\n- md5: 09c9d4cfd083b2998c3576100af76b0a\n  size: 5\n  hash: md5\n  path: one.csv\n"
FOLDER = (
    "outs:\n- md5: fcf49b5a5cea91080fe4f70625375481.dir\n  size: 12\n  nfiles: 2\n"
    "  hash: md5\n  path: many\n"
)
"""As DVC wrote them for the files of `here`."""


def dataset(source: str) -> Dataset:
    columns = {"id": Column(type=Kind.INTEGER)}
    return Dataset(source=source, key=("id",), contract=Contract(columns=columns))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "many" / "sub").mkdir(parents=True)
    (tmp_path / "many" / "b.csv").write_bytes(b"id\n1\n")
    (tmp_path / "many" / "sub" / "ä.csv").write_bytes(b"id\r\n2\r\n")
    (tmp_path / "one.csv").write_bytes(b"id\n3\n")
    (tmp_path / "one.csv.dvc").write_text(FILE)
    (tmp_path / "many.dvc").write_text(FOLDER)
    return tmp_path


def test_a_pointer_means_its_file(here: Path) -> None:
    assert read(here, dataset("one.csv.dvc"))["id"].tolist() == [3]


def test_a_pointer_means_the_files_of_its_folder(here: Path) -> None:
    assert read(here, dataset("many.dvc"))["id"].tolist() == [1, 2]
    assert content_digest(here, dataset("many.dvc")) == content_digest(here, dataset("many"))


@pytest.mark.parametrize("changed", ["one.csv", "many/sub/ä.csv"])
def test_data_that_the_pointer_does_not_mean_is_refused(here: Path, changed: str) -> None:
    (here / changed).write_text("id\n9\n")
    with pytest.raises(DataError, match=r"is not what .* says.*dvc pull"):
        files(here, dataset(f"{changed.partition('/')[0]}.dvc"))


def test_data_that_was_not_pulled_is_named(here: Path) -> None:
    (here / "one.csv").unlink()
    with pytest.raises(DataError, match=r"points to one\.csv, which is not there; dvc pull"):
        files(here, dataset("one.csv.dvc"))


@pytest.mark.parametrize(
    "text",
    ["", "outs: [", "outs: []", "outs: 3", "outs:\n- path: one.csv\n", "\0", FILE + FILE[6:]],
)
def test_a_malformed_pointer_is_an_error_of_the_data(here: Path, text: str) -> None:
    (here / "one.csv.dvc").write_text(text)
    with pytest.raises(DataError, match=r"is no pointer to one file or folder.*dvc add"):
        files(here, dataset("one.csv.dvc"))
