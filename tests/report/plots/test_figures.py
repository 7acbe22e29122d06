"""Each chart shows its points, has a table with its numbers, and stays small."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import msgspec
import numpy as np
import pytest
from scipy.stats import binomtest

import exhibits
from pennon.config import Task
from pennon.evaluation.curves import curves
from pennon.evaluation.points import ClassifierCurves, RegressorCurves
from pennon.report import Feature, Past, ReviewView
from pennon.report.exhibits import Exhibits
from pennon.report.numbers import count
from pennon.report.plots.classifier import classifier_figures, wilson
from pennon.report.plots.columns import MOST_COLUMNS, data_view
from pennon.report.plots.contributions import contributions_figure
from pennon.report.plots.draw import draw
from pennon.report.plots.features import MOST_BARS, MOST_ROWS, features_figure
from pennon.report.plots.figure import Figure
from pennon.report.plots.forest import MOST_ROWS as MOST_SLICES
from pennon.report.plots.forest import slices_figure, whisker
from pennon.report.plots.history import history_figure
from pennon.report.plots.plane import LEFT, RIGHT, WIDTH
from pennon.report.plots.threshold import slider

Views = dict[str, ReviewView]


@pytest.fixture(scope="module")
def classifiers() -> ClassifierCurves:
    found = exhibits.classification().curves
    assert isinstance(found, ClassifierCurves)
    return found


@pytest.fixture(scope="module")
def everything(views: Views) -> list[Figure]:
    """All figures of a classification and of a regression."""
    drawn = (
        draw(views["worse-slice"], exhibits.classification()),
        draw(views["regression"], exhibits.regression()),
    )
    return [figure for it in drawn for figure in (*it.curves, *it.parts)]


def parsed(figure: Figure) -> ET.Element:
    return ET.fromstring(figure.svg)  # noqa: S314  our own text


def points(figure: Figure, css: str) -> list[tuple[float, float]]:
    """The corners of the first line of this class."""
    lines = [it for it in parsed(figure).iter("polyline") if it.get("class") == css]
    pairs = (pair.split(",") for pair in lines[0].get("points", "").split())
    return [(float(x), float(y)) for x, y in pairs]


def test_every_chart_has_words_axes_and_a_table(everything: list[Figure]) -> None:
    for figure in everything:
        svg = parsed(figure)
        titles = [it.text for it in svg.iter("text") if it.get("class") == "title"]
        assert figure.title
        assert figure.says
        assert svg.get("aria-label")
        assert titles
        assert figure.table.rows
        assert {len(row) for row in figure.table.rows} == {len(figure.table.head)}


def test_no_chart_has_a_colour_of_its_own(everything: list[Figure]) -> None:
    for figure in everything:
        assert not re.search(r"fill=|stroke=|style=|#[0-9a-f]{3,6}\b", str(figure.svg))


def test_every_chart_is_small(everything: list[Figure]) -> None:
    assert max(len(figure.svg) for figure in everything) < 16_000


def test_the_roc_curve_goes_from_corner_to_corner(classifiers: ClassifierCurves) -> None:
    roc, *_ = classifier_figures(classifiers)
    line = points(roc, "candidate curve")
    assert line[0][0] == LEFT
    assert line[-1][0] == WIDTH - RIGHT
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    assert [y for _, y in line] == sorted((y for _, y in line), reverse=True)


def test_the_tables_say_what_holds_at_the_threshold(classifiers: ClassifierCurves) -> None:
    truth, ours, _ = exhibits.predictions()
    said, actual = ours >= 0.5, truth > 0
    roc, both, *_ = classifier_figures(classifiers)
    wrong, right = said[~actual].mean(), said[actual].mean()
    row = next(row for row in roc.table.rows if row[0] == "0.5")
    assert row[1:3] == (f"{wrong:.3f}", f"{right:.3f}")
    row = next(row for row in both.table.rows if row[0] == "0.5")
    assert row[1:3] == (f"{right:.3f}", f"{actual[said].mean():.3f}")


def test_a_first_model_is_drawn_alone() -> None:
    truth, ours, _ = exhibits.predictions()
    found = curves(Task.CLASSIFICATION, truth, ours)
    assert isinstance(found, ClassifierCurves)
    for figure in classifier_figures(found):
        assert "champion" not in figure.svg
        assert figure.key == ("candidate",)


@pytest.mark.parametrize(("hits", "rows"), [(0, 9), (3, 10), (50, 50), (7, 400)])
def test_the_intervals_of_calibration_are_wilsons(hits: int, rows: int) -> None:
    oracle = binomtest(hits, rows).proportion_ci(method="wilson")
    assert wilson(hits, rows) == pytest.approx((oracle.low, oracle.high), abs=1e-6)


def test_the_slider_has_the_counts_of_every_threshold(classifiers: ClassifierCurves) -> None:
    truth, ours, theirs = exhibits.predictions()
    facts = slider(classifiers).facts
    for name, prediction in (("candidate", ours), ("champion", theirs)):
        for threshold, right in zip(facts["thresholds"], facts["models"][name]["tp"], strict=True):
            assert right == (prediction[truth > 0] >= threshold).sum()


def test_the_slider_starts_at_the_threshold_that_decides(classifiers: ClassifierCurves) -> None:
    truth, ours, _ = exhibits.predictions()
    found = slider(classifiers)
    assert found.facts["thresholds"][found.place] == found.threshold == 0.5
    assert found.matrices[0].counts.true_positive == ((ours >= 0.5) & (truth > 0)).sum()


def test_the_distribution_of_residuals_counts_every_row(views: Views) -> None:
    of = exhibits.regression().curves
    assert isinstance(of, RegressorCurves)
    table = draw(views["regression"], exhibits.regression()).curves[1].table
    assert [row[1] for row in table.rows] == [count(n) for n in of.candidate.residuals]
    assert sum(of.candidate.residuals) == of.rows


def test_better_lies_right_whatever_the_direction_of_the_metric(views: Views) -> None:
    for row in views["better"].metrics:
        mark = ET.fromstring(whisker(row)).find("circle")  # noqa: S314  our own text
        assert mark is not None
        assert (float(mark.get("cx", "")) > 80) is (row.scores.improvement > 0)


def test_the_limit_of_a_gate_stands_on_the_worse_side(views: Views) -> None:
    (row,) = views["worse-slice"].worst
    svg = ET.fromstring(whisker(row))  # noqa: S314  our own text
    middle, limit, interval = svg.findall("line")
    assert float(interval.get("x2", "")) < float(limit.get("x1", "")) < float(middle.get("x1", ""))


def test_slices_beyond_the_bound_are_counted(views: Views) -> None:
    view = views["worse-slice"]
    many = msgspec.structs.replace(view, slices=view.slices * 50)
    found = slices_figure(many)
    assert found is not None
    assert len(found.table.rows) == MOST_SLICES
    assert found.table.more == 100 - MOST_SLICES
    assert "70 better ones are not shown" in found.says


def test_five_thousand_features_stay_bounded(views: Views) -> None:
    many = tuple(Feature(name=f"f{i}", importance=1 / (i + 1)) for i in range(5000))
    found = features_figure(msgspec.structs.replace(views["better"], features=many))
    assert found is not None
    assert found.svg.count("<rect") == MOST_BARS
    assert (len(found.table.rows), found.table.more) == (MOST_ROWS, 5000 - MOST_ROWS)
    assert len(found.svg) < 10_000


def test_a_feature_shows_what_it_was_before(views: Views) -> None:
    found = features_figure(views["better"])
    assert found is not None
    assert found.table.rows[0] == ("minute", "0.081 ± 0.007", "0.079 ± 0.007", "")
    assert found.svg.count("champion solid") == 3


def test_features_that_neither_model_reads_are_not_drawn(views: Views) -> None:
    idle = tuple(Feature(name=f"f{i}", importance=0.0, before=0.0) for i in range(3))
    known = views["better"].features
    found = features_figure(msgspec.structs.replace(views["better"], features=(*known, *idle)))
    assert found is not None
    assert [row[0] for row in found.table.rows] == [it.name for it in known]


def test_what_moves_predictions_says_how_far_and_which_way(views: Views) -> None:
    found = contributions_figure(views["besides"], "minutes")
    assert found is not None
    assert [row[0] for row in found.table.rows] == ["minute", "origin"]
    assert found.table.rows[0][1:3] == ("0.071", "0.066 … 0.076")
    assert "0.071 ↗" in found.svg
    assert "added to the probability" in found.svg
    assert "1 column moves nothing" in found.says


def test_without_an_explanation_nothing_is_drawn(views: Views) -> None:
    assert contributions_figure(views["better"], "minutes") is None
    explanation = views["besides"].explanation
    assert explanation is not None
    silent = msgspec.structs.replace(explanation, features=(), why="the model refuses")
    view = msgspec.structs.replace(views["besides"], explanation=silent)
    assert contributions_figure(view, "minutes") is None


def test_only_versions_on_the_same_holdout_are_drawn(views: Views) -> None:
    found = history_figure(views["better"])
    assert found is not None
    assert found.svg.count('class="dot') == 3
    assert [row[0] for row in found.table.rows] == ["v0.8.0", "v0.9.0", "v1.0.0", "candidate"]


def test_without_a_past_there_is_no_history(views: Views) -> None:
    assert history_figure(views["first"]) is None


def test_equal_values_still_have_a_place(views: Views) -> None:
    row = views["same"].deciding
    assert row is not None
    past = (Past(version="v1.0.0", value=row.scores.candidate),)
    assert history_figure(msgspec.structs.replace(views["same"], history=past)) is not None


def test_the_column_that_moved_most_comes_first() -> None:
    now, before = exhibits.profiles()
    found = data_view(now, before)
    assert found.columns[0].name == "delay"
    assert found.columns[0].is_news
    assert found.news == 1
    assert "champion" in found.columns[0].picture


def test_a_profile_alone_keeps_the_contracts_order() -> None:
    now, _ = exhibits.profiles()
    found = data_view(now, None)
    assert [it.name for it in found.columns] == [it.name for it in now.columns]
    assert (found.rows_before, {it.moved for it in found.columns}) == (None, {""})


def test_what_is_personal_has_no_values_and_no_picture() -> None:
    now, before = exhibits.profiles()
    seat = next(it for it in data_view(now, before).columns if it.name == "seat")
    assert seat.values == ("not shown: personal",)
    assert not seat.picture


def test_a_wide_profile_stays_bounded() -> None:
    now, _ = exhibits.profiles()
    wide = msgspec.structs.replace(now, columns=now.columns * 100)
    found = data_view(wide, None)
    assert len(found.columns) == MOST_COLUMNS
    assert found.more == len(wide.columns) - MOST_COLUMNS


def test_without_exhibits_nothing_is_drawn_of_predictions(views: Views) -> None:
    found = draw(views["better"], Exhibits())
    assert (found.curves, found.slider, found.data) == ((), None, None)


def test_predictions_near_zero_still_fill_the_calibration_chart() -> None:
    truth, ours, theirs = exhibits.predictions()
    rare = np.where(np.arange(truth.size) % 10 == 0, truth, 0.0)
    found = curves(Task.CLASSIFICATION, rare, ours / 10, theirs / 10)
    assert isinstance(found, ClassifierCurves)
    line = points(classifier_figures(found)[2], "candidate curve thin")
    assert line[-1][0] > LEFT + (WIDTH - LEFT) / 6
