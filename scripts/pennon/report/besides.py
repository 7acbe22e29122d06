"""What a report shows besides the comparison: gates on what is no metric, features, leaks."""

from __future__ import annotations

from typing import Any

from pennon.evaluation import QUALITIES, Evaluation, GateResult, Noise, Scores
from pennon.report.view import Answer, DataCheck, Facts, Feature

MOST_FEATURES, MOST_LEAKS = 10, 4


def alone(it: GateResult) -> Scores:
    """A value without a reference, as a row of the table has it."""
    value = it.candidate or 0.0
    still = Noise(center=value, error=0.0)
    return Scores(
        metric=it.metric,
        greater_is_better=QUALITIES[it.metric].greater_is_better,
        candidate=value,
        candidate_low=value if it.low is None else it.low,
        candidate_high=value if it.high is None else it.high,
        reference=value,
        difference=0.0,
        low=0.0,
        high=0.0,
        own=still,
        noise=still,
    )


def seen(facts: Facts, evaluation: Evaluation) -> dict[str, Any]:
    """Features and checks that the evaluation brings along."""
    seen: dict[str, Any] = {}
    if evaluation.importance:
        seen["features"] = tuple(
            Feature(name=it.name, importance=it.importance.value, before=it.before)
            for it in evaluation.importance.features[:MOST_FEATURES]
        )
    if evaluation.probes:
        found = [leak.what for _, leak in evaluation.probes.leaks]
        what = "; ".join(found[:MOST_LEAKS]) or "nothing looks like a leak"
        more = len(found) - MOST_LEAKS
        what += f"; and {more} more" if more > 0 else ""
        answer = Answer.WARN if found else Answer.PASS
        seen["checks"] = (*facts.checks, DataCheck(name="Leaks", answer=answer, what=what))
    return seen
