"""Each rule of a gate, on both sides and in between."""

# ruff: noqa: ANN401  the keys of a rule are foreign data here

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from noise import noise
from pennon.config import Against, Gates, Task
from pennon.errors import ConfigError, EvaluationError
from pennon.evaluation import (
    Comparison,
    Evaluation,
    Outcome,
    Scores,
    SliceScores,
    Verdict,
    VerdictOutcome,
    decide,
    digest,
)
from pennon.evaluation.aspects import Figure, Footprint


def scores(low: float, high: float, *, metric: str = "roc_auc", value: float = 0.8) -> Scores:
    """A candidate at `value` ± 0.02 whose difference lies in [low, high]."""
    middle = (low + high) / 2
    return Scores(
        metric=metric,
        greater_is_better=metric != "log_loss",
        candidate=value,
        candidate_low=value - 0.02,
        candidate_high=value + 0.02,
        reference=value - middle,
        difference=middle,
        low=low,
        high=high,
        own=noise(value - 0.02, value + 0.02),
        noise=noise(low, high),
    )


def comparison(against: Against, name: str, low: float, high: float, **more: Any) -> Comparison:
    return Comparison(
        against=against,
        name=name,
        rows=1000,
        method="test",
        confidence=0.95,
        resamples=1000,
        seed=0,
        scores=(scores(low, high),),
        **more,
    )


def evaluation(low: float, high: float, slices: tuple[SliceScores, ...] = ()) -> Evaluation:
    return Evaluation(
        model="churn",
        task=Task.CLASSIFICATION,
        metric="roc_auc",
        rows=1000,
        positive_rate=0.3,
        holdout="sha256:00",
        threshold=0.5,
        comparisons=(
            comparison(Against.CHAMPION, "v1.0.0", low, high, slices=slices),
            comparison(Against.BASELINE, "constant baseline", 0.2, 0.3),
        ),
    )


def gates(**rule: Any) -> Gates:
    gate = {"id": "g", "metric": "roc_auc"} | rule
    return msgspec.convert({"gates": [gate]}, Gates)


def outcome(found: Evaluation, champion: str | None = "v1.0.0", **rule: Any) -> Outcome:
    (result,) = decide(found, gates(**rule), champion).results
    return result.outcome


@pytest.mark.parametrize(
    ("rule", "low", "high", "expected"),
    [
        ({"superior": {}}, 0.01, 0.02, Outcome.PASS),
        ({"superior": {}}, 0.0, 0.0, Outcome.UNSURE),
        ({"superior": {}}, -0.01, 0.02, Outcome.UNSURE),
        ({"superior": {}}, -0.02, -0.01, Outcome.FAIL),
        ({"superior": {"by": 0.02}}, 0.01, 0.015, Outcome.FAIL),
        ({"superior": {"by": 0.02}}, 0.03, 0.05, Outcome.PASS),
        ({"not_worse": {"margin": 0.02}}, -0.01, 0.02, Outcome.PASS),
        ({"not_worse": {"margin": 0.02}}, -0.03, 0.02, Outcome.UNSURE),
        ({"not_worse": {"margin": 0.02}}, -0.05, -0.03, Outcome.FAIL),
        ({"min": 0.7}, 0, 0, Outcome.PASS),
        ({"min": 0.79}, 0, 0, Outcome.UNSURE),
        ({"min": 0.9}, 0, 0, Outcome.FAIL),
        ({"max": 0.9}, 0, 0, Outcome.PASS),
        ({"max": 0.81}, 0, 0, Outcome.UNSURE),
        ({"max": 0.7}, 0, 0, Outcome.FAIL),
        ({"superior": {"than": "baseline"}}, -0.5, -0.4, Outcome.PASS),
    ],
)
def test_a_gate_decides_by_the_whole_interval(
    rule: dict[str, Any], low: float, high: float, expected: Outcome
) -> None:
    assert outcome(evaluation(low, high), **rule) is expected


def test_a_smaller_loss_is_an_improvement() -> None:
    loss = scores(-0.03, -0.01, metric="log_loss")
    found = evaluation(0, 0)
    found = msgspec.structs.replace(
        found, comparisons=(msgspec.structs.replace(found.comparisons[0], scores=(loss,)),)
    )
    assert outcome(found, metric="neg_log_loss", superior={}) is Outcome.PASS
    assert outcome(found, metric="log_loss", superior={"by": 0.05}) is Outcome.FAIL


def weak_slice(low: float, high: float, rows: int = 500) -> SliceScores:
    return SliceScores(column="country", value="DE", rows=rows, scores=(scores(low, high),))


FINE = SliceScores(column="country", value="FR", rows=500, scores=(scores(0, 0.01),))


def by_country(*slices: SliceScores, **more: Any) -> Verdict:
    rule = {"slice": "country", "not_worse": {"margin": 0.02}} | more
    return decide(evaluation(0.01, 0.02, slices), gates(**rule), "v1.0.0")


def test_one_weak_slice_stops_a_candidate_that_is_better_overall() -> None:
    verdict = by_country(FINE, weak_slice(-0.09, -0.03))
    assert verdict.outcome is VerdictOutcome.FAIL
    assert [r.slice for r in verdict.results] == ["country=DE"]
    assert "country=DE" in verdict.reason


def test_of_slices_that_pass_only_the_worst_is_told() -> None:
    verdict = by_country(FINE, weak_slice(-0.01, 0.0))
    assert [r.slice for r in verdict.results] == ["country=DE"]
    assert verdict.outcome is VerdictOutcome.PASS


def test_a_slice_below_the_gates_rows_is_left_out() -> None:
    assert by_country(FINE, weak_slice(-0.09, -0.03, rows=99)).passed


@pytest.mark.parametrize(("unsure", "passes"), [("allow", True), ("block", False)])
def test_a_gate_whose_slices_are_all_too_small_is_unsure(unsure: str, *, passes: bool) -> None:
    verdict = by_country(weak_slice(0, 0, rows=50), unsure=unsure)
    assert [r.outcome for r in verdict.results] == [Outcome.UNSURE]
    assert verdict.passed is passes


@pytest.mark.parametrize(("unsure", "passes"), [("allow", True), ("block", False)])
def test_the_gate_says_what_happens_when_the_rows_are_too_few(unsure: str, *, passes: bool) -> None:
    assert by_country(FINE, weak_slice(-0.05, 0.01), unsure=unsure).passed is passes


@pytest.mark.parametrize(
    ("low", "high", "rule", "expected"),
    [
        (0.01, 0.02, {"superior": {}}, VerdictOutcome.PASS),
        (-0.01, 0.02, {"superior": {}}, VerdictOutcome.NO_DIFFERENCE),
        (-0.02, -0.01, {"superior": {}}, VerdictOutcome.FAIL),
        (-0.03, 0.02, {"not_worse": {"margin": 0.01}}, VerdictOutcome.UNSURE),
    ],
)
def test_the_gates_together_make_the_verdict(
    low: float, high: float, rule: dict[str, Any], expected: VerdictOutcome
) -> None:
    assert decide(evaluation(low, high), gates(**rule), "v1.0.0").outcome is expected


def test_without_a_champion_a_relative_gate_has_nothing_to_say() -> None:
    verdict = decide(evaluation(-0.5, -0.4), gates(superior={}), None)
    assert verdict.outcome is VerdictOutcome.FIRST
    assert "no champion yet" in verdict.results[0].rule


def test_without_a_champion_the_baseline_still_has_to_be_beaten() -> None:
    found = msgspec.structs.replace(
        evaluation(0, 0), comparisons=(comparison(Against.BASELINE, "constant", -0.02, -0.01),)
    )
    assert not decide(found, gates(superior={"than": "baseline"}), None).passed


def test_evidence_about_another_champion_is_refused() -> None:
    with pytest.raises(EvaluationError, match=r"compares with v1\.0\.0, but v2\.0\.0 holds"):
        decide(evaluation(0.1, 0.2), gates(superior={}), "v2.0.0")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"metric": "log_loss", "max": 1}, "asks for the metric log_loss, which was not measured"),
        ({"slice": "city", "min": 0.1}, "asks for the slices of city"),
        ({"metric": "auc", "min": 0.1}, "there is no metric 'auc'"),
    ],
)
def test_a_gate_on_what_was_not_measured_is_an_error(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        decide(evaluation(0, 0), gates(**rule), "v1.0.0")


def test_the_digest_follows_what_was_decided() -> None:
    same = [decide(evaluation(0.01, 0.02), gates(superior={}), "v1.0.0") for _ in range(2)]
    other = decide(evaluation(0.01, 0.03), gates(superior={}), "v1.0.0")
    assert digest(same[0]) == digest(same[1]) != digest(other)


def looked(low: float, high: float, looks: float) -> Evaluation:
    return msgspec.structs.replace(evaluation(low, high), looks=looks)


def test_a_look_at_the_holdout_spends_its_share_of_the_error() -> None:
    """0.012 ± 0.01 is better at 95 %, and not at the 99.75 % that each of 20 looks asks for."""
    asked = gates(superior={})
    assert decide(evaluation(0.002, 0.022), asked, "v1.0.0").passed
    found = decide(looked(0.002, 0.022, 1.0), asked, "v1.0.0")
    assert not found.passed
    assert found.results[0].confidence == pytest.approx(0.9975)
    one = msgspec.structs.replace(asked, looks=1)
    assert decide(looked(0.002, 0.022, 1.0), one, "v1.0.0").passed


@pytest.mark.parametrize(("looks", "outcome"), [(20.0, "pass"), (20.4, "worn")])
def test_a_worn_holdout_lets_nothing_pass(looks: float, outcome: str) -> None:
    verdict = decide(looked(0.05, 0.07, looks), gates(superior={}), "v1.0.0")
    assert (verdict.outcome, verdict.passed) == (outcome, outcome == "pass")
    assert [result.worn for result in verdict.results] == [outcome == "worn"]


def test_what_fails_fails_on_a_worn_holdout_as_well() -> None:
    verdict = decide(looked(-0.07, -0.05, 99), gates(superior={}), "v1.0.0")
    assert verdict.outcome is VerdictOutcome.FAIL


def test_gates_beside_the_decision_share_their_error() -> None:
    """A slice that is worse by itself is not worse among ten of which no other is clear."""
    weak = weak_slice(-0.06, -0.021)
    unclear = msgspec.structs.replace(FINE, scores=(scores(-0.04, 0.01),))
    others = [msgspec.structs.replace(unclear, value=str(i)) for i in range(9)]
    assert by_country(weak).outcome is VerdictOutcome.FAIL
    assert by_country(weak, *others).outcome is VerdictOutcome.UNSURE
    assert by_country(weak_slice(-0.09, -0.05), *others).outcome is VerdictOutcome.FAIL


def test_a_gate_that_is_unsure_says_how_many_rows_would_tell() -> None:
    (result,) = decide(evaluation(-0.005, 0.015), gates(superior={}), "v1.0.0").results
    assert result.enough == 4000  # the error has to halve
    (result,) = decide(evaluation(-0.015, 0.005), gates(superior={}), "v1.0.0").results
    assert result.enough is None


def test_a_worse_loss_within_the_margin_passes() -> None:
    loss = scores(-0.01, 0.03, metric="log_loss")
    found = evaluation(0, 0)
    found = msgspec.structs.replace(
        found, comparisons=(msgspec.structs.replace(found.comparisons[0], scores=(loss,)),)
    )
    assert outcome(found, metric="log_loss", not_worse={"margin": 0.04}) is Outcome.PASS
    assert outcome(found, metric="log_loss", not_worse={"margin": 0.02}) is Outcome.UNSURE


def named(low: float, high: float) -> Evaluation:
    """Beside the champion, the baseline and v0.9.0."""
    found = evaluation(0.01, 0.02)
    old = comparison(Against.VERSION, "v0.9.0", low, high)
    return msgspec.structs.replace(found, comparisons=(*found.comparisons, old))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"superior": {"than": "v0.9.0"}}, Outcome.FAIL),
        ({"not_worse": {"than": "v0.9.0", "margin": 0.05}}, Outcome.PASS),
        ({"superior": {"than": "v1.0.0"}}, Outcome.PASS),  # which is the champion
    ],
)
def test_a_gate_compares_with_the_version_that_it_names(
    rule: dict[str, Any], expected: Outcome
) -> None:
    (result,) = decide(named(-0.04, -0.02), gates(**rule), "v1.0.0").results
    assert result.outcome is expected
    assert next(iter(rule.values()))["than"] in result.rule
    assert not result.primary


def test_a_version_that_was_not_compared_with_is_no_pass() -> None:
    with pytest.raises(ConfigError, match=r"comparison with v0\.8\.0"):
        decide(named(0, 1), gates(superior={"than": "v0.8.0"}), "v1.0.0")


def weighed(champion: float | None) -> Evaluation:
    figure = Figure(quantity="latency_p95", candidate=0.012, champion=champion)
    return msgspec.structs.replace(
        evaluation(0.01, 0.02), footprint=Footprint(figures=(figure,), method="test")
    )


@pytest.mark.parametrize(("margin", "expected"), [(3, Outcome.PASS), (1, Outcome.FAIL)])
def test_a_footprint_is_compared_with_the_champions(margin: float, expected: Outcome) -> None:
    rule = {"metric": "latency_p95_milliseconds", "not_worse": {"margin": margin}}
    (result,) = decide(weighed(0.010), gates(**rule), "v1.0.0").results
    assert result.outcome is expected
    assert (result.candidate, result.reference) == pytest.approx((12, 10))
    assert result.rule == f"≤ v1.0.0 + {margin}"


def test_a_footprint_beside_none_is_no_pass() -> None:
    rule = {"metric": "latency_p95_milliseconds", "not_worse": {"margin": 3}}
    with pytest.raises(ConfigError, match="champion's latency"):
        decide(weighed(None), gates(**rule), "v1.0.0")


def test_without_a_champion_its_footprint_is_waited_for() -> None:
    rule = {"metric": "latency_p95_milliseconds", "not_worse": {"margin": 3}}
    (result,) = decide(weighed(None), gates(**rule), None).results
    assert (result.outcome, result.blocks) == (Outcome.PASS, False)
    assert "no champion yet" in result.rule


def test_a_result_names_who_answers_and_where_it_is_explained() -> None:
    asked = msgspec.structs.replace(gates(min=0.9), owner="@vera", page="docs/gates.md")
    (result,) = decide(evaluation(0.01, 0.02), asked, "v1.0.0").results
    assert (result.owner, result.page) == ("@vera", "docs/gates.md")
