"""From evaluation and verdict to the view: which row says what."""

from __future__ import annotations

import subprocess
import sys

from pennon.evaluation import Outcome
from pennon.registry import Manifest
from pennon.report import ReviewView, provenance
from pennon.report.view import Mark


def test_the_decision_metric_decides(views: dict[str, ReviewView]) -> None:
    row = views["better"].deciding
    assert row is not None
    assert (row.scores.metric, row.mark, row.against) == ("roc_auc", Mark.BETTER, "")


def test_a_champion_is_shown_beside_the_baseline_too(views: dict[str, ReviewView]) -> None:
    assert [row.against for row in views["better"].metrics] == ["", "", "", "the constant baseline"]


def test_a_gate_stands_in_the_row_that_it_is_about(views: dict[str, ReviewView]) -> None:
    found = {
        (row.scores.metric, row.against): [gate.result.id for gate in row.gates]
        for row in views["better"].metrics
        if row.gates
    }
    assert found == {
        ("roc_auc", ""): ["floor", "better"],
        ("roc_auc", "the constant baseline"): ["useful"],
    }


def test_the_slice_that_a_gate_stops_is_the_worst_row(views: dict[str, ReviewView]) -> None:
    view = views["worse-slice"]
    (row,) = view.worst
    assert (row.slice, row.gates[0].result.outcome) == ("origin=LGA", Outcome.FAIL)
    assert view.slices[0].slice == "origin=LGA"


def test_without_a_gate_on_slices_the_worst_one_is_shown_anyway(
    views: dict[str, ReviewView],
) -> None:
    view = views["unsure"]
    assert view.worst == view.slices[:1]


def test_gates_are_counted_once_each(views: dict[str, ReviewView]) -> None:
    assert (views["better"].gates_passed, views["better"].gates_total) == (4, 4)
    assert (views["worse-slice"].gates_passed, views["worse-slice"].gates_total) == (3, 4)


def test_gates_without_a_champion_wait(views: dict[str, ReviewView]) -> None:
    assert views["first"].waiting == ("better", "airports")
    assert views["first"].gates_total == 2


def test_a_gate_whose_slices_are_all_too_small_is_named(views: dict[str, ReviewView]) -> None:
    assert views["slices-too-small"].undecided == ("airports",)
    assert views["better"].undecided == ()


def test_failures_come_before_what_is_unsure(views: dict[str, ReviewView]) -> None:
    outcomes = [gate.result.outcome for _, gate in views["worse-slice"].blocking]
    assert outcomes == sorted(outcomes, key=lambda outcome: outcome is not Outcome.FAIL)


def test_the_pool_is_what_the_holdout_leaves(manifest: Manifest) -> None:
    assert provenance(manifest).all_rows == 18000 - 4507


def test_importing_the_door_loads_no_template_engine() -> None:
    code = (
        "import sys, pennon.report; print(sorted({'jinja2', 'numpy', 'pandas'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
