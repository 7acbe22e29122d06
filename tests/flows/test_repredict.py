"""A logged prediction is made again, and is the same or is told to be another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import msgspec
import pytest

from pennon.errors import DataError, RegistryError
from pennon.flows.repredict import repredict
from pennon.flows.versions.load import load
from pennon.flows.world import World
from pennon.serving.log import Line
from pennon.serving.rows import MASK
from shop import MODEL, world

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "repredict.json"
ROWS: list[dict[str, Any]] = [
    {"age": 40.5, "spend": 80.25, "country": "DE"},
    {"age": 61.0, "spend": 133.0, "country": "FR"},
]


@pytest.fixture
def here(championed: Path, tmp_path: Path) -> World:
    """v1.0.0 is champion."""
    shutil.copytree(championed, tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


def line(here: World, **more: object) -> Line:
    it = load(here, MODEL)
    facts = {
        "at": "2026-11-21T12:00:00Z",
        "id": "7f2c",
        "model": MODEL,
        "version": "v1.0.0",
        "role": "live",
        "inputs": ROWS,
        "predictions": it.score([tuple(row.values()) for row in ROWS]),
        "status": 200,
        "ms": 1.5,
    } | more
    return Line(**facts)  # type: ignore[arg-type]  # any field may be replaced


def log(here: World, *lines: Line, name: str = "predictions-00000001.jsonl") -> Path:
    folder = here.root.parent / "log"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"".join(msgspec.json.encode(it) + b"\n" for it in lines))
    return folder


def test_the_same_prediction_is_told_to_be_identical(here: World) -> None:
    folder = log(here, line(here, id="other"), line(here))
    (found,) = repredict(here, "7f2c", [folder])
    assert (found.same, found.largest, found.rows) == (True, 0.0, 2)
    assert found.again == found.logged
    jsonschema.validate(json.loads(msgspec.json.encode([found])), json.loads(SCHEMA.read_text()))


def test_another_prediction_is_told_with_its_distance(here: World) -> None:
    it = line(here)
    assert it.predictions
    wrong = [it.predictions[0] + 0.125, it.predictions[1]]
    folder = log(here, msgspec.structs.replace(it, predictions=wrong))
    (found,) = repredict(here, "7f2c", [folder])
    assert not found.same
    assert found.largest == pytest.approx(0.125)
    assert repredict(here, "7f2c", [folder], tolerance=0.2)[0].same


def test_of_a_request_that_two_versions_scored_both_are_made_again(here: World) -> None:
    one = line(here)
    folder = log(here, one, msgspec.structs.replace(one, role="shadow"))
    assert [it.role for it in repredict(here, "7f2c", [folder])] == ["live", "shadow"]


def test_the_line_may_be_in_any_file_and_another_one_be_cut_off(here: World) -> None:
    log(here, line(here))
    folder = log(here, name="predictions-00000002.jsonl")
    (folder / "predictions-00000002.jsonl").write_text('{"at": "2026-11-2')
    assert repredict(here, "7f2c", [folder])[0].same


def test_what_is_masked_cannot_be_predicted_again(here: World) -> None:
    folder = log(here, line(here, inputs=[ROWS[0] | {"age": MASK}]))
    with pytest.raises(DataError, match=r"the log does not hold age, .* calls personal"):
        repredict(here, "7f2c", [folder])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"predictions": None, "error": "no memory"}, DataError, "was not answered: no memory"),
        ({"inputs": []}, DataError, "does not hold its inputs"),
        ({"inputs": ROWS[:1]}, DataError, "2 predictions were logged for 1 rows"),
        ({"version": "v9.0.0"}, RegistryError, "its versions are: v1.0.0"),
        ({"id": "another"}, DataError, "has the id '7f2c'; old lines are in older files"),
    ],
)
def test_a_line_that_does_not_have_it_all_is_told(
    here: World, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        repredict(here, "7f2c", [log(here, line(here, **change))])


def test_what_is_no_log_is_told(here: World, tmp_path: Path) -> None:
    (tmp_path / "no").mkdir()
    with pytest.raises(DataError, match=r"has no file that ends in \.jsonl"):
        repredict(here, "7f2c", [tmp_path / "no"])
    file = tmp_path / "x.jsonl"
    file.write_text('{"id": "7f2c", "model": 5}\n')
    with pytest.raises(DataError, match=r"x\.jsonl:1 is no line of a prediction log"):
        repredict(here, "7f2c", [file])
