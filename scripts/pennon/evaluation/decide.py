"""The decision: gates on an evaluation. Pure and light; a promotion needs nothing heavier.

An interval decides, never a point: a gate passes when the whole interval is on its good side,
fails when the whole interval is on the other, and is unsure in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pennon.config import Against, Gate, Gates
from pennon.errors import ConfigError, EvaluationError
from pennon.evaluation.names import metric as metric_of
from pennon.evaluation.records import Comparison, Evaluation, Scores
from pennon.evaluation.verdict import GateResult, Outcome, Verdict, VerdictOutcome, blocks


def decide(evaluation: Evaluation, gates: Gates, champion: str | None) -> Verdict:
    """What the gates say. `champion` is the version that holds the stage now, if any.

    Raises ConfigError for a gate on what was not measured, EvaluationError for evidence that
    compares with another champion.
    """
    compared = evaluation.against(Against.CHAMPION)
    if champion and (compared is None or compared.name != champion):
        other = compared.name if compared else "no champion"
        raise EvaluationError(
            f"the evidence compares with {other}, but {champion} holds the stage",
            hint="compare again: pennon compare",
        )
    results = tuple(
        result
        for gate in gates.of(evaluation.model)
        for result in _gate(gate, evaluation, champion=champion)
    )
    outcome = _together(results, evaluation, champion)
    return Verdict(
        model=evaluation.model,
        metric=evaluation.metric,
        champion=champion,
        outcome=outcome,
        reason=_reason(outcome, results, evaluation),
        results=results,
    )


def _gate(gate: Gate, evaluation: Evaluation, *, champion: str | None) -> Iterator[GateResult]:
    name = metric_of(gate.metric).name
    against = _against(gate)
    rule = rule_of(gate, champion)
    if against is Against.CHAMPION and champion is None:
        yield GateResult(
            id=gate.id,
            metric=name,
            rule=f"{rule} (no champion yet)",
            outcome=Outcome.PASS,
            blocks=False,
            why=gate.why,
            slice=f"{gate.slice}=*" if gate.slice else "",
        )
        return
    comparison = _comparison(gate, evaluation, against, champion)
    if gate.slice is None:
        scores = _find(comparison.scores, name)
        if scores is None:
            raise _unmeasured(gate, f"the metric {name}", "metrics in pennon.yaml")
        yield _result(gate, scores, rule=rule, rows=comparison.rows, at="")
        return
    yield from _worst(_by_slice(gate, comparison, rule=rule, name=name))


def _against(gate: Gate) -> Against | None:
    relative = gate.superior or gate.not_worse
    return relative.than if relative else None


def _comparison(
    gate: Gate, evaluation: Evaluation, against: Against | None, champion: str | None
) -> Comparison:
    """An absolute gate may look at any comparison: the candidate is the same in all."""
    wanted = against or (Against.CHAMPION if champion else Against.BASELINE)
    found = evaluation.against(wanted) or (
        None if against else next(iter(evaluation.comparisons), None)
    )
    if found is None:
        raise _unmeasured(gate, f"a comparison with the {wanted}", "the evaluation")
    return found


def _by_slice(gate: Gate, comparison: Comparison, *, rule: str, name: str) -> Iterator[GateResult]:
    found = [part for part in comparison.slices if part.column == gate.slice]
    if not found:
        raise _unmeasured(gate, f"the slices of {gate.slice}", "slices in pennon.yaml")
    judged = [
        (part, scores)
        for part in found
        if part.rows >= gate.min_rows and (scores := _find(part.scores, name)) is not None
    ]
    for part, scores in judged:
        yield _result(gate, scores, rule=rule, rows=part.rows, at=part.name)
    if not judged:
        yield GateResult(
            id=gate.id,
            metric=name,
            rule=rule,
            outcome=Outcome.UNSURE,
            blocks=blocks(Outcome.UNSURE, gate.unsure),
            slice=f"{gate.slice}=*",
            why=f"no {gate.slice} has {gate.min_rows} rows that can be judged",
        )


def _worst(results: Iterable[GateResult]) -> list[GateResult]:
    """Every slice that blocks, else the one that is nearest to it: a table has to stay short."""
    ordered = sorted(results, key=_severity)
    return [result for result in ordered if result.blocks] or ordered[:1]


def _severity(result: GateResult) -> tuple[int, float]:
    rank = {Outcome.FAIL: 0, Outcome.UNSURE: 1, Outcome.PASS: 2}[result.outcome]
    change = result.difference or 0.0
    better = change if metric_of(result.metric).greater_is_better else -change
    return (rank, better)


def _find(scores: Iterable[Scores], name: str) -> Scores | None:
    return next((found for found in scores if found.metric == name), None)


def _unmeasured(gate: Gate, what: str, where: str) -> ConfigError:
    return ConfigError(
        f"gates.yaml: gate {gate.id!r} asks for {what}, which was not measured",
        hint=f"add it to {where}",
    )


def _result(gate: Gate, scores: Scores, *, rule: str, rows: int, at: str) -> GateResult:
    outcome = judge(gate, scores)
    return GateResult(
        id=gate.id,
        metric=scores.metric,
        rule=rule,
        outcome=outcome,
        blocks=blocks(outcome, gate.unsure),
        candidate=scores.candidate,
        reference=scores.reference if _against(gate) else None,
        difference=scores.difference if _against(gate) else None,
        low=scores.low if _against(gate) else scores.candidate_low,
        high=scores.high if _against(gate) else scores.candidate_high,
        rows=rows,
        slice=at,
        why=gate.why,
    )


def judge(gate: Gate, scores: Scores) -> Outcome:
    """One gate on one pair of scores."""
    if gate.min is not None:
        return _side(scores.candidate_low - gate.min, scores.candidate_high - gate.min)
    if gate.max is not None:
        return _side(gate.max - scores.candidate_high, gate.max - scores.candidate_low)
    low, high = scores.improvement_low, scores.improvement_high
    if gate.superior is not None:
        beyond = _side(low - gate.superior.by, high - gate.superior.by)
        return Outcome.UNSURE if beyond is Outcome.PASS and low == gate.superior.by else beyond
    margin = gate.not_worse.margin if gate.not_worse else 0.0
    return _side(low + margin, high + margin)


def _side(low: float, high: float) -> Outcome:
    """Where an interval lies: at or above zero, below it, or across."""
    if low >= 0:
        return Outcome.PASS
    return Outcome.FAIL if high < 0 else Outcome.UNSURE


def rule_of(gate: Gate, champion: str | None) -> str:
    """What the gate demands, as the report says it."""
    if gate.min is not None:
        return f"≥ {gate.min:g}"
    if gate.max is not None:
        return f"≤ {gate.max:g}"
    up = metric_of(gate.metric).greater_is_better
    if gate.superior is not None:
        whom = _whom(gate.superior.than, champion)
        by = f" {'+' if up else '−'} {gate.superior.by:g}" if gate.superior.by else ""
        return f"better than {whom}{by}"
    assert gate.not_worse is not None  # noqa: S101  config lets no gate through without a rule
    whom = _whom(gate.not_worse.than, champion)
    return f"{'≥' if up else '≤'} {whom} {'−' if up else '+'} {gate.not_worse.margin:g}"


def _whom(than: Against, champion: str | None) -> str:
    return (champion or "champion") if than is Against.CHAMPION else str(than)


def _together(
    results: tuple[GateResult, ...], evaluation: Evaluation, champion: str | None
) -> VerdictOutcome:
    blocking = [result for result in results if result.blocks]
    if not blocking:
        return VerdictOutcome.PASS if champion else VerdictOutcome.FIRST
    if any(result.outcome is Outcome.FAIL for result in blocking):
        return VerdictOutcome.FAIL
    wants_better = [result for result in blocking if result.rule.startswith("better than")]
    if len(wants_better) == len(blocking) and _is_noise(evaluation):
        return VerdictOutcome.NO_DIFFERENCE
    return VerdictOutcome.UNSURE


def _is_noise(evaluation: Evaluation) -> bool:
    comparison = evaluation.against(Against.CHAMPION)
    scores = comparison.score(evaluation.metric) if comparison else None
    return scores is not None and scores.low <= 0 <= scores.high


def _reason(
    outcome: VerdictOutcome, results: tuple[GateResult, ...], evaluation: Evaluation
) -> str:
    label = metric_of(evaluation.metric).label
    match outcome:
        case VerdictOutcome.PASS | VerdictOutcome.FIRST if not results:
            return "no gate applies to this model"
        case VerdictOutcome.PASS:
            return f"{label} {_change(evaluation)}"
        case VerdictOutcome.FIRST:
            return "no champion yet; compared with a constant baseline"
        case VerdictOutcome.NO_DIFFERENCE:
            return f"no measurable difference in {label}"
        case VerdictOutcome.FAIL:
            return f"the candidate fails {_names(results, Outcome.FAIL)}"
        case VerdictOutcome.UNSURE:
            return f"not enough rows to tell for {_names(results, Outcome.UNSURE)}"


def _change(evaluation: Evaluation) -> str:
    comparison = evaluation.against(Against.CHAMPION)
    scores = comparison.score(evaluation.metric) if comparison else None
    return f"{scores.difference:+.3g}".replace("-", "−") if scores else ""


def _names(results: tuple[GateResult, ...], outcome: Outcome) -> str:
    found = [r for r in results if r.blocks and r.outcome is outcome]
    return ", ".join(f"{r.id} ({r.slice})" if r.slice else r.id for r in found)
