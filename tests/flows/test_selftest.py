"""A gate ships with a defect that it stops; one that cannot stop anything is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pennon.flows.selftest import Tried, selftest
from pennon.flows.world import World
from shop import shop, write

HEAD = "resamples: 200\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    return shop(tmp_path_factory.mktemp("selftest"))


def tried(here: World, *gates: str) -> list[Tried]:
    lines = "".join(f"  - {gate}\n" for gate in gates)
    write(here.root, "gates.yaml", f"{HEAD}gates:\n{lines}")
    return selftest(here, ())


SOUND = (
    "{id: useful, metric: roc_auc, superior: {than: baseline}}",
    "{id: floor, metric: roc_auc, min: 0.6}",
    "{id: loss, metric: log_loss, max: 0.9}",
    "{id: better, metric: roc_auc, superior: {}}",
    "{id: steady, metric: accuracy, not_worse: {margin: 0.01}}",
    "{id: places, metric: roc_auc, slice: country, not_worse: {margin: 0.02}, unsure: allow}",
)


def test_sound_gates_stop_their_defects_and_let_pass_what_is_better(here: World) -> None:
    found = tried(here, *SOUND)
    assert [it.gate for it in found] == [
        "useful",
        "floor",
        "loss",
        "better",
        "steady",
        "places",
        "",
    ]
    assert [it.gate for it in found if not it.held] == []
    assert "country=" in found[5].defect


@pytest.mark.parametrize(
    ("gate", "why"),
    [
        ("{id: g, metric: roc_auc, min: 0.3}", "a limit that everything reaches"),
        ("{id: g, metric: roc_auc, not_worse: {margin: 0.9}}", "a margin wider than any loss"),
        (
            "{id: g, metric: roc_auc, slice: country, min_rows: 5000, min: 0.6, unsure: allow}",
            "no slice has the rows, and the gate may be unsure",
        ),
    ],
)
def test_a_gate_that_stops_nothing_is_found(here: World, gate: str, why: str) -> None:
    broken, control = tried(here, gate)
    assert not broken.held, why
    assert control.held


BESIDES = (
    "{id: size, metric: artifact_megabytes, max: 5}",
    "{id: fast, metric: latency_p95_milliseconds, not_worse: {margin: 3}}",
    "{id: lean, metric: added_libraries, max: 0}",
    "{id: shared, metric: selection_rate_gap, slice: country, max: 0.3}",
    "{id: four-fifths, metric: selection_rate_ratio, slice: country, min: 0.6}",
    "{id: recipe, metric: roc_auc, superior: {draws: true, by: 0.01}}",
    "{id: steady, metric: roc_auc, not_worse: {draws: true, margin: 0.02}}",
    "{id: once, metric: roc_auc, superior: {than: v0.1.0}}",
)


def test_gates_on_what_is_no_metric_stop_their_defects_too(tmp_path: Path) -> None:
    there = shop(tmp_path / "world")
    text = (there.root / "pennon.yaml").read_text()
    text = text.replace("    slices:", "    draws: 5\n    sensitive: [country]\n    slices:")
    write(there.root, "pennon.yaml", text)
    found = tried(there, *BESIDES)
    assert [(it.gate, it.said) for it in found if not it.held] == []
    assert len({it.defect for it in found}) == 6


def test_a_gate_between_groups_that_stops_nothing_is_found(tmp_path: Path) -> None:
    there = shop(tmp_path / "world")
    text = (there.root / "pennon.yaml").read_text()
    write(there.root, "pennon.yaml", text.replace("slices:", "sensitive: [country]\n    slices:"))
    gate = "{id: g, metric: selection_rate_gap, slice: country, max: 1}"
    assert [it.held for it in tried(there, gate)] == [False, True]


def test_a_gate_that_nothing_passes_is_found(here: World) -> None:
    broken, control = tried(here, "{id: g, metric: roc_auc, superior: {by: 0.9}}")
    assert broken.held
    assert (control.held, control.said) == (False, "stopped by g")


def test_the_command_says_which_and_exits_with_seven(here: World) -> None:
    write(here.root, "gates.yaml", HEAD + "gates: [{id: vain, metric: roc_auc, min: 0.3}]\n")
    program = Path(sys.executable).with_name("pennon")
    done = subprocess.run(
        [program, "selftest"], cwd=here.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7
    assert "WRONG" in done.stdout
    assert "vain" in done.stdout
    assert "1 gate would not do" in done.stderr


def test_a_repository_of_regression_is_tried_too(tmp_path: Path) -> None:
    there = shop(tmp_path / "other")
    text = (there.root / "pennon.yaml").read_text()
    text = text.replace("classification", "regression").replace("target: left", "target: spend")
    text = text.replace("metric: roc_auc", "metric: mean_absolute_error")
    lines = [line for line in text.splitlines() if "metrics:" not in line]
    write(there.root, "pennon.yaml", "\n".join(lines) + "\n")
    rule = "{id: better, metric: mean_absolute_error, superior: {}}"
    floor = "{id: floor, metric: r2, min: 0.1}"
    assert [it.held for it in tried(there, rule, floor)] == [True, True, True]
