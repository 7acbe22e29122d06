"""What a report shows besides the comparison: gates on what is no metric, features, leaks."""

from __future__ import annotations

from typing import Any

from pennon.evaluation import QUALITIES, Evaluation, GateResult, Noise, Scores
from pennon.evaluation.aspects import Estimate, FeatureImportance
from pennon.report.view import Answer, DataCheck, Facts, Feature

MOST_FEATURES, MOST_LEAKS = 100, 4


def besides(it: GateResult) -> Scores:
    """What a gate found that is no metric, as a row of the table has it."""
    value = it.candidate or 0.0
    low, high = value if it.low is None else it.low, value if it.high is None else it.high
    theirs = value
    if it.reference is not None:  # the interval that decided is that of the difference
        low, high, theirs = value, value, it.reference
    still = Noise(center=value - theirs, error=0.0)
    return Scores(
        metric=it.metric,
        greater_is_better=QUALITIES[it.metric].greater_is_better,
        candidate=value,
        candidate_low=low,
        candidate_high=high,
        reference=theirs,
        difference=value - theirs,
        low=value - theirs,
        high=value - theirs,
        own=still,
        noise=still,
    )


def seen(facts: Facts, evaluation: Evaluation) -> dict[str, Any]:
    """Features and checks that the evaluation brings along."""
    seen: dict[str, Any] = {}
    if evaluation.importance:
        seen["features"] = tuple(
            _feature(it, evaluation.importance.metric)
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


def _feature(it: FeatureImportance, metric: str) -> Feature:
    return Feature(
        name=it.name,
        importance=it.importance.value,
        half=_half(it.importance),
        before=it.before.value if it.before else None,
        half_before=_half(it.before) if it.before else None,
        moved=it.moved,
        metric=metric,
    )


def _half(it: Estimate) -> float:
    return (it.high - it.low) / 2
