"""A decision in words: what a gate demands, and the one sentence for all of them."""

from __future__ import annotations

from pennon.config import Against, Gate
from pennon.evaluation.names import Metric
from pennon.evaluation.names import metric as metric_of
from pennon.evaluation.qualities import QUALITIES
from pennon.evaluation.records import Evaluation
from pennon.evaluation.verdict import GateResult, Outcome, VerdictOutcome

_DRAWS = " over draws"


def named(name: str) -> Metric:
    """The metric, or the quality, that a gate asks for. Raises ConfigError for an unknown one."""
    return QUALITIES.get(name) or metric_of(name)


def rule_of(gate: Gate, champion: str | None) -> str:
    """What the gate demands, as the report says it."""
    if gate.min is not None:
        return f"≥ {gate.min:g}"
    if gate.max is not None:
        return f"≤ {gate.max:g}"
    up = named(gate.metric).greater_is_better
    if gate.superior is not None:
        whom = _whom(gate, champion)
        by = f" {'+' if up else '−'} {gate.superior.by:g}" if gate.superior.by else ""
        return f"better than {whom}{by}{_DRAWS * gate.draws}"
    assert gate.not_worse is not None  # noqa: S101  config lets no gate through without a rule
    whom = _whom(gate, champion)
    margin = f"{'−' if up else '+'} {gate.not_worse.margin:g}{_DRAWS * gate.draws}"
    return f"{'≥' if up else '≤'} {whom} {margin}"


def _whom(gate: Gate, champion: str | None) -> str:
    return champion or "champion" if gate.against is Against.CHAMPION else str(gate.than)


def reason(outcome: VerdictOutcome, results: tuple[GateResult, ...], evaluation: Evaluation) -> str:
    """One plain sentence for the heading."""
    if not results:
        return "no gate applies to this model"
    label = metric_of(evaluation.metric).label
    looks = f"{evaluation.looks:.3g} versions were judged on its rows"
    return {
        VerdictOutcome.PASS: f"{label} {_change(evaluation)}",
        VerdictOutcome.FIRST: "no champion yet; compared with a constant baseline",
        VerdictOutcome.NO_DIFFERENCE: f"no measurable difference in {label}",
        VerdictOutcome.FAIL: f"the candidate fails {_names(results, Outcome.FAIL)}",
        VerdictOutcome.UNSURE: f"not enough rows to tell for {_names(results, Outcome.UNSURE)}",
        VerdictOutcome.WORN: f"the holdout is worn: {looks}",
    }[outcome]


def _change(evaluation: Evaluation) -> str:
    comparison = evaluation.against(Against.CHAMPION)
    scores = comparison.score(evaluation.metric) if comparison else None
    return f"{scores.difference:+.3g}".replace("-", "−") if scores else ""


def _names(results: tuple[GateResult, ...], outcome: Outcome) -> str:
    found = [r for r in results if r.blocks and r.outcome is outcome]
    return ", ".join(f"{r.id} ({r.slice})" if r.slice else r.id for r in found)
