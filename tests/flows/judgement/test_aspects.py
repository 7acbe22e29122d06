"""Fairness, importance, leaks and footprint: measured on the way, asked for by gates."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.config import Against
from pennon.errors import ConfigError, RefusedError
from pennon.evaluation import Evaluation, Outcome, decide
from pennon.flows.assignment.assign import Ask
from pennon.flows.check import check
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.review import Ask as Question
from pennon.flows.review import review
from pennon.flows.versions.release import evidence
from pennon.flows.world import World
from pennon.registry import Version, read_model
from shop import FILES, MODEL, improve, push, shop, write

PERSONAL = "{type: string, among: [DE, FR], personal: true}"
PLAIN = "  - {id: useful, metric: roc_auc, superior: {than: baseline}}\n"


def gated(here: World, *gates: str) -> None:
    lines = "".join(f"  - {gate}\n" for gate in gates)
    write(here.root, "gates.yaml", f"resamples: 200\ngates:\n{PLAIN}{lines}")


@pytest.fixture
def here(tmp_path: Path) -> World:
    """`country` is sensitive; nothing is registered yet."""
    found = shop(tmp_path / "world")
    text = (found.root / "pennon.yaml").read_text()
    write(found.root, "pennon.yaml", text.replace("slices:", "sensitive: [country]\n    slices:"))
    return found


def registered(here: World) -> Evaluation:
    push(here, "gates")
    register(here, Registration())
    return evidence(here, read_model(here.repo, MODEL), Version("v1.0.0"))


def test_all_of_it_is_stored_with_the_version(here: World) -> None:
    gated(here, "{id: small, metric: artifact_megabytes, max: 5}")
    found = registered(here)
    assert found.fairness
    assert [group.name for group in found.fairness.columns[0].groups] == ["DE", "FR"]
    assert found.importance
    assert found.importance.features[0].name == "age"
    assert found.probes
    assert found.probes.leaks == ()
    assert found.footprint
    assert 0 < (found.footprint.figure("size") or 0).candidate < 5e6  # type: ignore[union-attr, operator]  # it was measured


def test_the_next_candidate_is_shown_beside_the_importance_of_the_champion(here: World) -> None:
    """From the file that the page's profile comes from: nothing more is fetched."""
    first = registered(here)
    promote(here, Ask(model=MODEL))
    improve(here)
    said = review(here, Question())[0].report
    register(here, Registration())
    found = evidence(here, read_model(here.repo, MODEL), Version("v1.1.0"))
    assert first.importance
    assert found.importance
    then = {it.name: it.importance for it in first.importance.features}
    assert {it.name: it.before for it in found.importance.features} == then
    assert "(was " in said
    assert "as stored when it was registered (trained on all rows; here it is a sample)" in said


def test_weak_spots_are_searched_among_inputs_and_slices(here: World) -> None:
    found = registered(here).discovery
    assert found
    assert (found.against, found.columns, found.left_out) == (Against.BASELINE, 3, 0)
    assert found.searched >= 6


def test_no_value_of_a_personal_column_is_searched(here: World) -> None:
    file = here.root / "data" / "customers.yaml"
    text = file.read_text().replace("{type: string, among: [DE, FR]}", PERSONAL)
    file.write_text(text.replace("spend: {type: number}", "spend: {type: number, personal: true}"))
    found = registered(here).discovery
    assert found
    assert found.columns == 1


def test_a_footprint_is_measured_where_a_gate_asks(here: World) -> None:
    assert registered(here).footprint is None


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("{id: g, metric: artifact_megabytes, max: 0.0001}", "g"),
        ("{id: g, metric: latency_p95_milliseconds, max: 0.001}", "g"),
        ("{id: g, metric: selection_rate_ratio, slice: country, min: 0.999}", "g"),
    ],
)
def test_a_gate_on_one_of_them_stops_a_promotion(here: World, gate: str, words: str) -> None:
    gated(here, gate)
    registered(here)
    with pytest.raises(RefusedError, match=words):
        promote(here, Ask(model=MODEL))


def test_gates_that_hold_let_it_pass(here: World) -> None:
    gated(
        here,
        "{id: small, metric: artifact_megabytes, max: 5}",
        "{id: alike, metric: selection_rate_gap, slice: country, max: 0.9}",
        "{id: lean, metric: added_libraries, max: 0}",
    )
    registered(here)
    assert promote(here, Ask(model=MODEL)).version == "v1.0.0"


def test_a_slow_model_is_better_and_too_slow(here: World) -> None:
    quick = "{id: quick, metric: latency_p95_milliseconds, not_worse: {margin: 15}}"
    gated(here, "{id: better, metric: roc_auc, superior: {}}", quick)
    registered(here)
    promote(here, Ask(model=MODEL))
    slow = FILES["src/shop/features.py"].replace("    return", "    sleep(0.05)\n    return")
    write(here.root, "src/shop/features.py", f"from time import sleep\n\n{slow}")
    improve(here)
    register(here, Registration())
    found = evidence(here, read_model(here.repo, MODEL), Version("v1.1.0"))
    verdict = decide(found, here.config().gates, "v1.0.0")
    said = {it.id: it.outcome for it in verdict.results}
    assert said == {"useful": Outcome.PASS, "better": Outcome.PASS, "quick": Outcome.FAIL}
    with pytest.raises(RefusedError, match="quick"):
        promote(here, Ask(model=MODEL))


def test_a_library_that_came_along_stops_a_promotion_and_is_named(here: World) -> None:
    gated(here, "{id: lean, metric: added_libraries, max: 0, why: The server is small.}")
    registered(here)
    promote(here, Ask(model=MODEL))
    write(here.root, "requirements.lock", FILES["requirements.lock"] + "torch==2.9.0\n")
    improve(here)
    register(here, Registration())
    with pytest.raises(RefusedError) as caught:
        promote(here, Ask(model=MODEL))
    assert "lean: The server is small. (added are torch==2.9.0)" in caught.value.what
    release = here.root.parent / "forge" / "releases" / "churn@v1.1.0" / "assets"
    assert "`torch==2.9.0`" in (release / "model-card.md").read_text()


def test_evidence_that_is_measured_again_keeps_what_is_the_candidates_own(here: World) -> None:
    gated(here, "{id: small, metric: artifact_megabytes, max: 5}")
    registered(here)
    improve(here)
    register(here, Registration())
    promote(here, Ask(model=MODEL, version="v1.0.0"))  # v1.1.0 was compared with no champion
    assert promote(here, Ask(model=MODEL, version="v1.1.0")).version == "v1.1.0"


def test_a_review_leaves_the_footprint_to_the_registration(here: World) -> None:
    gated(here, "{id: small, metric: artifact_megabytes, max: 0.0001}")
    push(here, "gates")
    (found,) = review(here, Question())
    assert found.verdict
    (waiting,) = [it for it in found.verdict.results if it.id == "small"]
    assert "measured when it is registered" in waiting.rule
    assert not waiting.blocks


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("{id: g, metric: selection_rate_gap, slice: age, max: 0.1}", "not among the sensitive"),
        ("{id: g, metric: added_libraries, superior: {}}", "its rule is min or max"),
        ("{id: g, metric: selection_rate_gp, slice: country, max: 0.1}", "there is no metric"),
    ],
)
def test_check_knows_what_can_be_asked(here: World, gate: str, words: str) -> None:
    gated(here, gate)
    with pytest.raises(ConfigError, match=words):
        check(here)


def test_a_gate_that_compares_what_is_no_metric_is_refused(here: World) -> None:
    gated(here, "{id: g, metric: selection_rate_gap, slice: country, superior: {}}")
    with pytest.raises(ConfigError, match="compares selection_rate_gap"):
        registered(here)
