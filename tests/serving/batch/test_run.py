"""A file is scored whole or not at all, goes on where it was, and loses no row."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from desk import Desk
from pennon.artifacts import digest
from pennon.artifacts.bundle import Bundle
from pennon.config import Column, Contract, Dataset, Kind
from pennon.datasets import read
from pennon.errors import ArtifactError, DataError, TrainingError
from pennon.serving.batch.cells import CsvRows, good
from pennon.serving.batch.files import pairs
from pennon.serving.batch.plan import BatchError, Chunk, Place, Want
from pennon.serving.batch.prepare import Settings, plan
from pennon.serving.batch.record import Record
from shop import customers

HEAD = "id,age,spend,country,left\n"


def test_every_row_gets_the_prediction_of_the_bundle(desk: Desk) -> None:
    found = desk.score(desk.rows())
    head, *rows = desk.table()
    assert head == ["id", "prediction", "version"]
    assert [row[0] for row in rows] == list(map(str, range(1000)))
    expected = Bundle(desk.bundle).predict(customers())
    assert [float(row[1]) for row in rows] == pytest.approx(expected, abs=1e-15)
    assert {row[2] for row in rows} == {"v1.0.0"}
    assert (found.rows, found.scored, found.bad, found.resumed) == (1000, 1000, 0, 0)


def test_the_record_beside_the_output_tells_what_made_it(desk: Desk) -> None:
    file = desk.rows()
    found = desk.score(file)
    said = (desk.folder / "out.csv.json").read_bytes()
    assert msgspec.json.decode(said, type=Record) == found
    assert (found.digest, found.job.input) == (digest(desk.output), digest(file))
    assert json.loads(said)["job"]["artifact"] == Bundle(desk.bundle).facts.artifact
    assert desk.names() == ["in.csv", "out.csv", "out.csv.json"]


@pytest.mark.parametrize("last", [0, 1, 4, 9])
def test_a_run_that_was_killed_goes_on_and_makes_the_same_bytes(desk: Desk, last: int) -> None:
    file = desk.rows()
    with pytest.raises(KeyboardInterrupt):
        desk.score(file, last=last)
    assert not desk.output.exists()
    found = desk.score(file)
    resumed = desk.output.read_bytes()
    assert found.resumed == last * 100
    assert desk.said == ([f"in.csv: going on after row {last * 100:,}"] if last else [])
    desk.score(file, overwrite=True)
    assert desk.output.read_bytes() == resumed


def test_bad_rows_are_gone_on_with_as_well(desk: Desk) -> None:
    lines = [f"{i},40,{'much' if i % 7 == 0 else 90},DE,0" for i in range(350)]
    file = desk.rows(HEAD + "\n".join(lines) + "\n")
    with pytest.raises(KeyboardInterrupt):
        desk.score(file, last=2, skip=True)
    found = desk.score(file, skip=True)
    aside = pd.read_csv(desk.folder / "out.csv.bad.csv")
    assert aside["row"].tolist() == list(range(1, 351, 7))
    assert aside["id"].tolist() == list(range(0, 350, 7))
    assert (found.rows, found.scored, found.bad, found.resumed) == (350, 300, 50, 200)
    assert len(desk.table()) == 301


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"keep": ("none",)}, "another keep"),
        ({"chunk": 50}, "another chunk"),
        ({"skip": True}, "another skip"),
    ],
)
def test_another_question_starts_anew_and_says_so(
    desk: Desk, change: dict[str, Any], words: str
) -> None:
    file = desk.rows()
    with pytest.raises(KeyboardInterrupt):
        desk.score(file, last=5)
    assert desk.score(file, **change).resumed == 0
    assert desk.said == [f"in.csv: starting anew, since an earlier run had {words}"]


def test_an_input_that_changed_meanwhile_starts_anew(desk: Desk) -> None:
    with pytest.raises(KeyboardInterrupt):
        desk.score(desk.rows(), last=5)
    other = desk.rows(customers(900).assign(age=50.0).to_csv(index=False))
    assert desk.score(other).resumed == 0
    assert desk.said == ["in.csv: starting anew, since an earlier run had another input"]
    assert len(desk.table()) == 901


def test_another_version_starts_anew(desk: Desk) -> None:
    file = desk.rows()
    with pytest.raises(KeyboardInterrupt):
        desk.score(file, last=5)
    desk.model = msgspec.structs.replace(desk.model, version="v1.1.0")
    assert desk.score(file).resumed == 0
    assert desk.said == ["in.csv: starting anew, since an earlier run had another version"]
    assert {row[2] for row in desk.table()[1:]} == {"v1.1.0"}


@pytest.mark.parametrize("name", [".out.csv.half", ".out.csv.journal"])
@pytest.mark.parametrize("left", [0, 10, 400])
def test_what_the_disk_did_not_keep_is_scored_again(desk: Desk, name: str, left: int) -> None:
    """After a power cut either file may be shorter than the other says."""
    file = desk.rows()
    with pytest.raises(KeyboardInterrupt):
        desk.score(file, last=5)
    with (desk.folder / name).open("r+b") as half:
        half.truncate(left)
    assert desk.score(file).resumed < 500
    assert [row[0] for row in desk.table()[1:]] == list(map(str, range(1000)))


def test_a_half_with_other_bytes_is_not_gone_on_with(desk: Desk) -> None:
    file = desk.rows()
    with pytest.raises(KeyboardInterrupt):
        desk.score(file, last=5)
    half = desk.folder / ".out.csv.half"
    data = half.read_bytes()
    half.write_bytes(data[:100] + b"9" + data[101:])
    assert desk.score(file).resumed == 0
    assert desk.said == ["in.csv: starting anew, since no chunk of an earlier run is whole"]


def test_what_is_scored_already_is_left_as_it_is(desk: Desk) -> None:
    file = desk.rows()
    first = desk.score(file)
    assert desk.score(file) == first
    assert desk.said == [f"in.csv: scored already, {desk.output} is left as it is"]


def test_an_output_of_another_job_is_kept_unless_told_otherwise(desk: Desk) -> None:
    file = desk.rows()
    desk.score(file)
    desk.model = msgspec.structs.replace(desk.model, version="v1.1.0")
    with pytest.raises(
        BatchError, match=r"was made otherwise: version v1\.0\.0, now v1\.1\.0; --ov"
    ):
        desk.score(file)
    assert desk.score(file, overwrite=True).job.version == "v1.1.0"


def test_a_file_that_pennon_did_not_make_is_kept(desk: Desk) -> None:
    desk.output.write_text("mine")
    with pytest.raises(BatchError, match="exists and has no record"):
        desk.score(desk.rows())
    assert desk.output.read_text() == "mine"


def test_an_output_that_somebody_edited_is_not_taken_for_ours(desk: Desk) -> None:
    file = desk.rows()
    desk.score(file)
    desk.output.write_text("edited")
    with pytest.raises(BatchError, match="was changed after it was made"):
        desk.score(file)


def test_two_runs_do_not_write_one_output(desk: Desk) -> None:
    from pennon.serving.batch.journal import Growing  # noqa: PLC0415  the other one's

    file = desk.rows()
    (pair,) = pairs(file, desk.output, None)
    job = plan(desk.model, pair, Settings(chunk=1, pennon="")).job
    other = Growing(desk.output, job, (b"", b""))
    with pytest.raises(BatchError, match="another pennon score is writing"):
        desk.score(file)
    other.close()
    assert desk.score(file).rows == 1000


def test_progress_ends_with_the_whole_file(desk: Desk) -> None:
    desk.score(desk.rows())
    shares = [it.share for it in desk.progress]
    assert len(shares) == 10
    assert shares == sorted(shares)
    assert desk.progress[-1].share == 1
    assert desk.progress[-1].rows == 1000


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("7,old,80,DE,0", r"in\.csv: row 2, column age: 'old' is no number"),
        ("7,,80,DE,0", r"in\.csv: row 2, column age: is empty"),
        ("7,inf,80,DE,0", r"in\.csv: row 2, column age: inf is not finite"),
        ("7,40,80,XX,0", r"row 2, column country: 'XX' is not among the contract's values"),
        ("7,40,80,,0", r"row 2, column country: is empty"),
        ("7,40,80,DE", r"in\.csv: row 2: has 4 cells, the first line names 5"),
        ("7,40,80,D,E,0", r"in\.csv: row 2: has 6 cells, the first line names 5"),
    ],
)
def test_a_bad_row_is_named_with_file_row_and_column(desk: Desk, line: str, words: str) -> None:
    file = desk.rows(f"{HEAD}6,40,80,DE,0\n{line}\n8,40,80,FR,1\n")
    with pytest.raises(DataError, match=words):
        desk.score(file)
    assert desk.names() == ["in.csv"]
    found = desk.score(file, skip=True)
    assert (found.rows, found.scored, found.bad) == (3, 2, 1)
    assert [row[0] for row in desk.table()] == ["id", "6", "8"]
    aside = (desk.folder / "out.csv.bad.csv").read_text().splitlines()
    assert aside[0] == f"row,reason,{HEAD.strip()}"
    assert aside[1].startswith("2,")
    assert aside[1].endswith(line)


def test_rows_beside_bad_ones_are_predicted_as_without_them(desk: Desk) -> None:
    sound = f"{HEAD}1,40.1,80.3,DE,0\n2,41.7,70.9,FR,0\n"
    desk.score(desk.rows(sound))
    alone = desk.table()
    desk.score(desk.rows(f"{sound}3,x,1,DE,0\n4,1,1,NO,0\n"), skip=True, overwrite=True)
    assert desk.table() == alone


def test_a_personal_value_is_not_shown(desk: Desk) -> None:
    wants = [msgspec.structs.replace(it, personal=True) for it in desk.model.wants]
    desk.model = msgspec.structs.replace(desk.model, wants=tuple(wants))
    with pytest.raises(DataError, match="column age: the value is no number") as caught:
        desk.score(desk.rows(f"{HEAD}6,secret,80,DE,0\n"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,age\n1,2\n", "has no columns spend, country; its columns are: id, age"),
        ("age,spend,country\n1,2,DE\n", "has no column id, the key .*--keep COLUMN"),
        ("id,age,spend,country,age\n1,2,3,DE,4\n", "has two columns 'age'"),
        ("", "is empty"),
    ],
)
def test_a_file_without_the_columns_is_refused_at_once(desk: Desk, text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        desk.score(desk.rows() if text is None else desk.rows(text or "\n"))
    assert desk.names() == ["in.csv"]


def test_a_column_named_like_one_of_the_output_is_not_kept(desk: Desk) -> None:
    file = desk.rows("id,age,spend,country,prediction\n1,2,3,DE,4\n")
    with pytest.raises(DataError, match="has a column prediction, as the output has"):
        desk.score(file, keep=("all",))
    assert desk.score(file).scored == 1


def test_what_is_kept_is_kept_letter_for_letter(desk: Desk) -> None:
    text = 'id,age,spend,country,note\n007,40.10,1e2,DE,"a ""b"", c"\n,+41,80,FR,NA\n'
    desk.score(desk.rows(text), keep=("note", "age", "id"))
    lines = desk.output.read_text().splitlines()
    assert [line.rsplit(",", 2)[0] for line in lines] == [
        "note,age,id",
        '"a ""b"", c",40.10,007',
        "NA,+41,",
    ]


@pytest.mark.parametrize(("keep", "kept"), [("all", HEAD.strip().split(",")), ("none", [])])
def test_all_or_nothing_may_be_kept(desk: Desk, keep: str, kept: list[str]) -> None:
    desk.score(desk.rows(), keep=(keep,))
    assert desk.table()[0] == [*kept, "prediction", "version"]


def test_lines_without_anything_are_no_rows(desk: Desk) -> None:
    found = desk.score(desk.rows(f"{HEAD}1,40,80,DE,0\n\n\r\n2,40,80,DE,0\n\n"))
    assert (found.rows, found.scored) == (2, 2)
    assert [row[0] for row in desk.table()[1:]] == ["1", "2"]


def test_no_rows_make_an_output_without_rows(desk: Desk) -> None:
    assert desk.score(desk.rows(HEAD)).rows == 0
    assert desk.table() == [["id", "prediction", "version"]]


def test_a_line_that_ends_in_another_way_is_not_lost_silently(desk: Desk) -> None:
    """A lone carriage return is the end of a line for pandas, and for nobody else."""
    with pytest.raises(DataError, match="2 rows went in, 3 were read"):
        desk.score(desk.rows(f"{HEAD}1,40,80,DE,0\r\r\n3,1,1,DE,0\n"), skip=True)


def test_what_the_version_s_code_raises_is_told_with_the_rows(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(desk.bundle, tmp_path / "bundle")
    desk.bundle = tmp_path / "bundle"
    (desk.bundle / "src" / "shop" / "features.py").write_text("def build(rows):\n    1 / 0\n")
    with pytest.raises(TrainingError, match=r"in\.csv: rows 1 to 100: .* raised ZeroDivisionError"):
        desk.score(desk.rows())


def test_what_the_estimator_refuses_is_told_with_the_rows(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(desk.bundle, tmp_path / "bundle")
    desk.bundle = tmp_path / "bundle"
    code = "def build(rows):\n    return rows[['country']]\n"
    (desk.bundle / "src" / "shop" / "features.py").write_text(code)
    with pytest.raises(ArtifactError, match=r"in\.csv: rows 1 to 100: churn@ cannot score: .*age"):
        desk.score(desk.rows())


def test_an_input_that_goes_away_is_told(desk: Desk) -> None:
    file = desk.rows()
    desk.told = lambda _: file.unlink(missing_ok=True)
    with pytest.raises(DataError, match=r"in\.csv cannot be read: No such file"):
        desk.score(file)


KINDS = {
    "i": (Kind.INTEGER, ["7", "9007199254740993"]),
    "f": (Kind.NUMBER, ["0.1", "1e-7"]),
    "s": (Kind.STRING, ["007", "NA"]),
    "b": (Kind.BOOLEAN, ["true", "False"]),
    "d": (Kind.DATETIME, ["2026-11-21T12:00:00Z", "2026-11-21T13:30:00+02:00"]),
}


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("odd", [None, "", "7.0"])
def test_a_chunk_has_the_types_that_training_saw(
    desk: Desk, odd: str | None, *, optional: bool
) -> None:
    """With an empty cell or an integer's other spelling the slow ways are taken, too."""
    if odd == "" and not optional:
        return
    cells = {name: [*values, values[0]] for name, (_, values) in KINDS.items()}
    if odd is not None:
        cells["i"][2] = odd
    text = pd.DataFrame(cells).to_csv(index=False)
    (desk.folder / "rows.csv").write_text(text)
    columns = {n: Column(type=kind, missing=float(optional)) for n, (kind, _) in KINDS.items()}
    trained = read(
        desk.folder, Dataset(source="rows.csv", key=("s",), contract=Contract(columns=columns))
    )
    wants = tuple(Want(name=n, kind=kind, optional=optional) for n, (kind, _) in KINDS.items())
    found, bad = typed(desk, text, wants)
    assert bad == 0
    pd.testing.assert_frame_equal(found[list(KINDS)], trained)


def typed(desk: Desk, text: str, wants: tuple[Want, ...]) -> tuple[pd.DataFrame, int]:
    head, _, data = text.partition("\n")
    file = desk.folder / "typed.csv"
    file.write_text(text)
    (pair,) = pairs(file, desk.output, None)
    model = msgspec.structs.replace(desk.model, wants=wants, key=())
    asked = plan(model, pair, Settings(chunk=9, pennon="", keep=("none",)))
    rows = CsvRows(asked, Chunk(0, Place((0,), 3), 1.0, data.encode()))
    frame, bad = good(rows, asked.wants)
    assert asked.names == tuple(head.split(","))
    return frame, len(bad)


def test_a_wide_file_costs_only_the_columns_that_are_read(desk: Desk) -> None:
    wide = customers(5).assign(**{f"more{i}": "x" for i in range(30)})
    desk.score(desk.rows(wide.to_csv(index=False)))
    assert pd.read_csv(StringIO(desk.output.read_text())).shape == (5, 3)


def test_an_input_that_grows_while_it_is_scored_is_refused(desk: Desk) -> None:
    file = desk.rows()

    def append(_: object) -> None:
        with file.open("a") as out:
            out.write("1000,40,80,DE,0\n")

    desk.told = append
    with pytest.raises(DataError, match="was changed while it was scored"):
        desk.score(file)
    assert not desk.output.exists()


def test_the_folder_of_an_output_is_made(desk: Desk, tmp_path: Path) -> None:
    (pair,) = pairs(desk.rows(), tmp_path / "a" / "b", None)
    assert pair.output == tmp_path / "a" / "b" / "in.csv"
