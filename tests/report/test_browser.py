"""The page in a real browser: nothing leaves it, it fits a phone, and its numbers are right."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

import exhibits
from exhibits import HOSTILE
from kits import NODE, installed
from pennon.evaluation import SliceScores
from pennon.evaluation.points import ClassifierCurves
from pennon.report import Feature, ReviewView, page
from pennon.report.exhibits import Exhibits
from pennon.report.numbers import count

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

Look = Callable[..., dict[str, Any]]
PHONE, TABLET, DESK, A4 = 360, 820, 1280, 688
PAGES = ("classification", "regression", "first", "hostile", "many", "data-broken")
PLACES = [0, 10, 60, 140, 100]
"""Of the slider."""
EVERY_PAGE = pytest.mark.parametrize("name", PAGES)


def thresholds() -> tuple[float, ...]:
    """What the slider goes through."""
    found = exhibits.classification().curves
    assert isinstance(found, ClassifierCurves)
    return found.candidate.at.thresholds[::-1]


def _hostile(view: ReviewView) -> ReviewView:
    """Every name that others give means harm."""
    scores = view.slices[0].scores
    rows = [
        msgspec.structs.replace(view.slices[0], scores=scores, slice=f"origin={name}")
        for name in HOSTILE
    ]
    return msgspec.structs.replace(
        view,
        model=HOSTILE[4],
        slices=tuple(rows),
        features=tuple(Feature(name=name, importance=0.1, before=0.2) for name in HOSTILE),
        unscored=tuple(SliceScores(column="x", value=it, rows=3, why=it) for it in HOSTILE),
        advice=HOSTILE[1],
        method=HOSTILE[2],
    )


def _many(view: ReviewView) -> ReviewView:
    features = tuple(Feature(name=f"feature {i}", importance=1 / (i + 1)) for i in range(5000))
    return msgspec.structs.replace(view, features=features, slices=view.slices * 200)


@pytest.fixture(scope="session")
def pages(views: dict[str, ReviewView], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pages."""
    folder = tmp_path_factory.mktemp("pages")
    shown, (today, _) = exhibits.classification(), exhibits.profiles()
    wide = msgspec.structs.replace(today, columns=today.columns * 500)
    found: dict[str, tuple[ReviewView, Exhibits]] = {
        "classification": (views["worse-slice"], shown),
        "regression": (views["regression"], exhibits.regression()),
        "first": (views["first"], Exhibits()),
        "hostile": (_hostile(views["worse-slice"]), exhibits.hostile()),
        "many": (
            _many(views["worse-slice"]),
            msgspec.structs.replace(shown, profile=wide, before=None),
        ),
        "data-broken": (views["data-broken"], Exhibits()),
    }
    for name, (view, exhibit) in found.items():
        (folder / f"{name}.html").write_text(page(view, exhibit), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def look(pages: Path) -> Iterator[Look]:
    """`look("regression", width=360)`: what a browser sees of that page. One browser for all."""
    kit = installed(Path(__file__).parent / "browser")
    command = [str(NODE / "node"), "look.mjs", str(CHROMIUM)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=kit, text=True, stdin=pipe, stdout=pipe) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None

        @cache
        def answer(question: str) -> str:
            asked.write(f"{question}\n")
            asked.flush()
            return told.readline()

        def see(name: str, **more: object) -> dict[str, Any]:
            question = json.dumps({"page": str(pages / f"{name}.html"), **more})
            found: dict[str, Any] = json.loads(answer(question))
            return found

        yield see
        asked.close()
        process.wait(20)


@EVERY_PAGE
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_page_asks_for_nothing_and_complains_of_nothing(
    name: str, width: int, look: Look
) -> None:
    seen = look(name, width=width, axe=True)
    assert (seen["requests"], seen["errors"]) == ([], [])


@EVERY_PAGE
@pytest.mark.parametrize("width", [PHONE, TABLET, DESK])
def test_no_page_is_wider_than_its_window(name: str, width: int, look: Look) -> None:
    assert look(name, width=width, axe=True)["facts"]["overflow"] == 0


@EVERY_PAGE
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_everything_is_accessible_in_light(name: str, width: int, look: Look) -> None:
    """Contrast, names, roles, order of headings: what axe-core knows."""
    assert look(name, width=width, axe=True)["violations"] == []


@EVERY_PAGE
def test_everything_is_accessible_in_the_dark(name: str, look: Look) -> None:
    seen = look(name, width=PHONE, scheme="dark", axe=True)
    assert seen["facts"]["paper"] == "rgb(13, 17, 23)"
    assert seen["violations"] == []


@pytest.mark.parametrize("name", ["classification", "regression", "hostile"])
def test_everything_is_accessible_when_all_tables_are_open(name: str, look: Look) -> None:
    seen = look(name, width=PHONE, open=True, axe=True)
    assert seen["violations"] == []
    assert seen["facts"]["overflow"] == 0


@EVERY_PAGE
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_words_in_charts_are_whole_and_can_be_read(name: str, width: int, look: Look) -> None:
    facts = look(name, width=width, axe=True)["facts"]
    assert facts["cut"] == []
    assert facts["small"] is None or facts["small"] >= 10


def test_the_slider_shows_what_numpy_counts(look: Look) -> None:
    truth, ours, theirs = exhibits.predictions()
    seen = look("classification", thresholds=PLACES)
    for place, shown in seen["moved"].items():
        at = thresholds()[int(place)]
        for model, prediction in (("candidate", ours), ("champion", theirs)):
            said, actual = prediction >= at, truth > 0
            cells = shown["models"][model]
            assert cells["tp"] == count((said & actual).sum())
            assert cells["fp"] == count((said & ~actual).sum())
            assert cells["fn"] == count((~said & actual).sum())
            assert cells["tn"] == count((~said & ~actual).sum())
            assert cells["recall"] == f"{said[actual].mean():.3f}"
            assert cells["accuracy"] == f"{(said == actual).mean():.3f}"
            rates = f"{said[~actual].mean():.3f}, {said[actual].mean():.3f}"
            assert shown["dots"][f"roc {model}"] == f"{model}: {rates}"
    assert seen["errors"] == []


def test_the_slider_starts_where_the_page_was_made_and_obeys_the_keyboard(look: Look) -> None:
    seen = look("classification", thresholds=PLACES)
    assert seen["start"]["threshold"] == "0.5"
    assert float(seen["pressed"]["threshold"]) == pytest.approx(
        thresholds()[PLACES[-1] + 1], rel=1e-2
    )


def test_a_curve_can_be_read_by_pointing_at_it(look: Look) -> None:
    seen = look("classification", thresholds=PLACES)
    assert seen["readout"].startswith("candidate: 0.")
    assert "champion: 0." in seen["readout"]


@pytest.mark.parametrize("name", ["classification", "regression"])
def test_charts_and_the_matrix_are_there_without_scripts(name: str, look: Look) -> None:
    seen = look(name, script=False)
    assert all(shown and width > 100 for shown, width, _ in seen["facts"]["charts"])
    assert len(seen["facts"]["charts"]) > 8
    assert seen["facts"]["slider"] in ([], [False])
    assert "Point at" not in seen["facts"]["text"]


def test_names_that_mean_harm_stay_words(look: Look) -> None:
    facts = look("hostile", width=PHONE, axe=True)["facts"]
    plain = look("regression", width=PHONE, axe=True)["facts"]
    assert {*facts["tags"]} - {*plain["tags"]} <= {"br", "i", "circle", "polyline"}
    assert facts["tags"].count("script") == plain["tags"].count("script")
    assert facts["tags"].count("h1") == 1
    assert facts["handlers"] == []
    assert "<script>alert(1)</script>" in facts["text"]
    assert "{{ 7 * 7 }}" in facts["text"]


def test_the_policy_of_the_page_refuses_what_it_does_not_know(look: Look) -> None:
    """Were something to get through all the same: no script of its own runs, nothing is sent."""
    seen = look("classification", probe=True)
    assert seen["probe"] == {"harm": False, "asked": "refused"}
    assert seen["failures"] == ["csp"]
    assert len(seen["refusals"]) >= 3
    assert all("Content Security Policy" in it for it in seen["refusals"])


def test_the_slider_needs_no_exception_from_the_policy(pages: Path) -> None:
    text = (pages / "classification.html").read_text(encoding="utf-8")
    assert "unsafe" not in text.partition("Content-Security-Policy")[2].partition(">")[0]


def test_paper_is_white_also_for_who_works_in_the_dark(look: Look) -> None:
    facts = look("classification", width=A4, scheme="dark", print=True)["facts"]
    assert facts["overflow"] == 0
    assert (facts["paper"], facts["ink"]) == ("rgb(255, 255, 255)", "rgb(31, 35, 40)")
    assert facts["slider"] == [False]
    assert all(shown for shown, *_ in facts["charts"])


def test_five_thousand_features_and_columns_make_a_bounded_page(pages: Path) -> None:
    usual = (pages / "classification.html").stat().st_size
    assert usual < 130_000
    assert (pages / "many.html").stat().st_size < 3 * usual
