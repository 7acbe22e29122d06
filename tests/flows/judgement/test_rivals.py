"""Whom a candidate is compared with: the champion, and versions that gates name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pennon.config import Against
from pennon.errors import ConfigError, RefusedError
from pennon.flows.assignment.assign import Ask as Promotion
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.review import Ask, Reviewed, review
from pennon.flows.selftest import selftest
from pennon.flows.versions.release import evidence
from pennon.flows.world import World
from pennon.registry import Version, read_model
from pennon.report import Kind
from shop import MODEL, push, world, write
from worlds import run_git

HEAD = "resamples: 200\ngates:\n"
OLD = '  - {id: once, metric: roc_auc, not_worse: {than: v1.0.0, margin: 0.3}, owner: "@vera"}\n'


@pytest.fixture
def here(challenged: Path, tmp_path: Path) -> World:
    """v1.0.0 was champion, v1.1.0 is; both on the default branch."""
    shutil.copytree(challenged, tmp_path, dirs_exist_ok=True)
    found = world(tmp_path / "work")
    promote(found, Promotion(model=MODEL))
    return found


def gated(here: World, *gates: str) -> None:
    write(here.root, "gates.yaml", HEAD + "".join(gates))
    push(here, "gates")


def reviewed(here: World) -> Reviewed:
    """A branch with another recipe."""
    run_git(here.root, "switch", "--quiet", "--create", "change")
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "only what they spend")
    (found,) = review(here, Ask())
    return found


def test_a_review_judges_a_version_that_a_gate_names_on_the_same_rows(here: World) -> None:
    gated(here, OLD)
    found = reviewed(here)
    assert found.verdict
    (result,) = found.verdict.results
    assert (result.id, result.rule, result.owner) == ("once", "≥ v1.0.0 − 0.3", "@vera")
    assert "against v1.0.0" in found.report
    assert found.kind is Kind.BETTER


def test_a_version_that_was_never_registered_is_refused(here: World) -> None:
    gated(here, OLD.replace("v1.0.0", "v7.0.0"))
    found = reviewed(here)
    assert "churn@v7.0.0 is not registered" in found.failure


def test_a_registration_keeps_what_its_gates_compared_with(here: World) -> None:
    gated(here, OLD)
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "only what they spend")
    register(here, Registration())
    stored = evidence(here, read_model(here.repo, MODEL), Version("v1.2.0"))
    assert stored.against(Against.VERSION, "v1.0.0")


def test_a_promotion_measures_again_what_todays_gates_name(here: World) -> None:
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "only what they spend")
    register(here, Registration())
    rule = "  - {id: once, metric: roc_auc, superior: {than: v1.0.0, by: 0.4}}\n"
    gated(here, rule)
    with pytest.raises(RefusedError, match="once"):
        promote(here, Promotion(model=MODEL, version="v1.2.0"))


def test_the_gates_of_the_default_branch_decide_and_not_those_of_a_laptop(here: World) -> None:
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "only what they spend")
    register(here, Registration())
    write(here.root, "gates.yaml", HEAD + "  - {id: easy, metric: roc_auc, min: 0.1}\n")
    ask = Promotion(model=MODEL, version="v1.2.0")
    assert promote(here, ask, dry_run=True).verdict  # what would they say?
    with pytest.raises(RefusedError, match="better"):
        promote(here, ask)


def test_gates_that_this_clone_has_not_seen_decide(here: World, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "other")
    other = world(tmp_path / "other")
    run_git(other.root, "config", "user.name", "vera")
    run_git(other.root, "config", "user.email", "vera@example.org")
    gated(other, "  - {id: sharp, metric: accuracy, min: 0.999}\n")
    with pytest.raises(RefusedError, match="sharp"):
        promote(here, Promotion(model=MODEL, version="v1.0.0"))


def test_a_footprint_is_compared_with_todays_champion(here: World) -> None:
    gated(here, "  - {id: lean, metric: artifact_megabytes, not_worse: {margin: 1}}\n")
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "only what they spend")
    register(here, Registration())
    promote(here, Promotion(model=MODEL, version="v1.2.0"))
    done = promote(here, Promotion(model=MODEL, version="v1.1.0"))  # measured again
    assert done.verdict
    assert done.verdict.results[0].rule == "≤ v1.2.0 + 1"


def test_a_gate_that_is_taken_away_decides_once_more(here: World) -> None:
    gated(here, "  - {id: sharp, metric: accuracy, min: 0.999}\n")
    run_git(here.root, "switch", "--quiet", "--create", "change")
    write(here.root, "gates.yaml", HEAD + "  - {id: easy, metric: roc_auc, min: 0.1}\n")
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "an easier gate")
    (found,) = review(here, Ask())
    assert found.kind is Kind.WORSE
    assert [it.id for it in found.verdict.blocking] == ["sharp"]  # type: ignore[union-attr]  # it failed


def test_what_answers_cost_decides_and_is_cut_by_a_function(here: World) -> None:
    code = "def land(rows):\n    return rows['country'].str.lower()\n"
    write(here.root, "src/shop/cuts.py", code)
    text = (here.root / "pennon.yaml").read_text()
    text = text.replace(
        "metric: roc_auc", "metric: cost\n    costs: {false_negative: 5, false_positive: 1}"
    )
    text = text.replace("slices: [country]", "slices: [{name: land, function: 'shop.cuts:land'}]")
    write(here.root, "pennon.yaml", text)
    by_land = "  - {id: lands, metric: cost, slice: land, max: 4}\n"
    gated(here, "  - {id: cheap, metric: cost, max: 2}\n", by_land)
    assert all(it.held for it in selftest(here, (MODEL,)) if it.gate == "")
    found = reviewed(here)
    assert found.verdict
    assert [(it.metric, it.slice[:5]) for it in found.verdict.results] == [
        ("cost", ""),
        ("cost", "land="),
    ]
    assert "Cost per row" in found.report


def test_a_gate_without_an_owner_or_a_page_is_a_problem(here: World) -> None:
    from pennon.flows.check import check  # noqa: PLC0415  beside its test

    write(here.root, "gates.yaml", HEAD + OLD)
    with pytest.raises(ConfigError, match=r"gates\[0\]\.page: gate 'once' has none"):
        check(here)
    write(here.root, "gates.yaml", f"page: README.md\n{HEAD}{OLD}")
    with pytest.raises(ConfigError, match=r"README\.md says nothing of gate 'once'"):
        check(here)
    write(here.root, "README.md", "## once\n")
    check(here)
