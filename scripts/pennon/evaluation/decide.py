"""The decision: gates on an evaluation. Pure and light; a promotion needs nothing heavier.

An interval decides, never a point: a gate passes when the whole interval is on its good side,
fails when the whole interval is on the other, and is unsure in between. How wide the intervals are
is decided for all gates together (docs/gates.md): those that promote on the decision metric spend
the error of the looks at the holdout, all others share theirs by Holm's method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from pennon.config import Against, Gate, Gates, NotWorse
from pennon.errors import ConfigError, EvaluationError
from pennon.evaluation.estimate import Noise
from pennon.evaluation.multiplicity import holm
from pennon.evaluation.names import metric as metric_of
from pennon.evaluation.qualities import (
    QUALITIES,
    draws_of,
    is_cost,
    quality,
    refuse_rule,
    scores_of,
)
from pennon.evaluation.records import Comparison, Evaluation, Scores
from pennon.evaluation.verdict import GateResult, Outcome, Verdict, blocks, together
from pennon.evaluation.words import named, reason, rule_of


def decide(
    evaluation: Evaluation, gates: Gates, champion: str | None, *, early: bool = False
) -> Verdict:
    """What the gates say. `champion` is the version that holds the stage now, if any.

    `early`: there is no artifact yet, so gates on its footprint wait for the registration.

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
    results = tuple(_results(evaluation, gates, champion, early=early))
    outcome = together(results, evaluation, champion)
    return Verdict(
        model=evaluation.model,
        metric=evaluation.metric,
        champion=champion,
        outcome=outcome,
        reason=reason(outcome, results, evaluation),
        results=results,
        looks=evaluation.looks,
    )


class _Test(msgspec.Struct, frozen=True):
    """One gate on one pair of scores: is `noise` above `limit`? Below it, where `is_most`."""

    gate: Gate
    scores: Scores
    rows: int
    at: str  # the slice, if it is one
    primary: bool

    @property
    def noise(self) -> Noise:
        return self.scores.noise if self.gate.against else self.scores.own

    @property
    def is_most(self) -> bool:
        """The limit is a most: of an error, or of how much worse a lower-is-better metric gets."""
        if self.gate.against:
            return not self.scores.greater_is_better
        return self.gate.max is not None

    @property
    def limit(self) -> float:
        gate = self.gate
        if gate.min is not None or gate.max is not None:
            return gate.min if gate.min is not None else gate.max or 0.0
        margin = gate.superior.by if gate.superior else -(gate.not_worse or _NONE).margin
        return margin if self.scores.greater_is_better else -margin

    def outcome(self, confidence: float) -> Outcome:
        low, high = self.noise.interval(confidence)
        below, above = (
            (self.limit - high, self.limit - low)
            if self.is_most
            else (low - self.limit, high - self.limit)
        )
        if above < 0:
            return Outcome.FAIL
        beyond = below > 0 if self.gate.superior else below >= 0
        return Outcome.PASS if beyond else Outcome.UNSURE

    def enough(self, confidence: float) -> int | None:
        """Rows that would tell, if the value stays what it is and is on the good side."""
        ahead = self.noise.center - self.limit
        if (-ahead if self.is_most else ahead) <= 0:
            return None
        return self.noise.enough(self.rows, confidence, self.limit)


_LATER = "measured when it is registered"
_NONE = NotWorse(margin=0.0)


def _results(
    evaluation: Evaluation, gates: Gates, champion: str | None, *, early: bool
) -> Iterator[GateResult]:
    """In the order of the gates; of a gate on slices those that matter."""
    asked = [
        (gate, None if early and is_cost(gate.metric) else _tests(gate, evaluation, champion))
        for gate in gates.of(evaluation.model)
    ]
    tests = [test for _, found in asked if found for test in found]
    confidences = dict(zip(map(id, tests), _confidences(tests, evaluation, gates), strict=True))
    worn = evaluation.looks > gates.looks
    for gate, found in asked:
        rule = rule_of(gate, champion)
        if found is None:
            yield _waiting(gate, rule, later=early and is_cost(gate.metric))
            continue
        judged = [
            _result(test, rule=rule, confidence=confidences[id(test)], worn=worn) for test in found
        ]
        yield from _worst(judged) if gate.slice and judged else judged
        if not judged:
            yield _too_small(gate, rule)


def _confidences(tests: Sequence[_Test], evaluation: Evaluation, gates: Gates) -> Iterator[float]:
    """How sure each interval has to be, in the order of the tests."""
    error = 1 - gates.confidence
    others = [test for test in tests if not test.primary]
    shares = iter(holm([test.noise.p_value(test.limit) for test in others], error))
    promoting = error / gates.looks if evaluation.looks else error
    for test in tests:
        yield 1 - (promoting if test.primary else next(shares))


def _tests(gate: Gate, evaluation: Evaluation, champion: str | None) -> list[_Test] | None:
    """What the gate looks at; None where it waits for a champion, empty where all is too small."""
    against = gate.against
    if gate.metric in QUALITIES:
        refuse_rule(gate)
    if against is Against.CHAMPION and champion is None:
        return None
    if gate.draws or gate.metric in QUALITIES:
        return [_besides(gate, evaluation)]
    name = metric_of(gate.metric).name
    comparison = _comparison(gate, evaluation, against, champion)
    if gate.slice is None:
        scores = _find(comparison.scores, name)
        if scores is None:
            raise _unmeasured(gate, f"the metric {name}", "metrics in pennon.yaml")
        primary = against is Against.CHAMPION and name == evaluation.metric
        return [_Test(gate, scores, comparison.rows, "", primary)]
    found = [part for part in comparison.slices if part.column == gate.slice]
    if not found:
        raise _unmeasured(gate, f"the slices of {gate.slice}", "slices in pennon.yaml")
    return [
        _Test(gate, scores, part.rows, part.name, primary=False)
        for part in found
        if part.rows >= gate.min_rows and (scores := _find(part.scores, name)) is not None
    ]


def _besides(gate: Gate, evaluation: Evaluation) -> _Test:
    """What no comparison of two models on the rows that judge says."""
    if gate.draws:
        draws = draws_of(gate, evaluation)
        return _Test(gate, scores_of(draws), draws.test_rows, "", primary=False)
    scores, at = quality(gate, evaluation), gate.slice or ""
    return _Test(gate, scores, evaluation.rows, at, primary=False)


def _waiting(gate: Gate, rule: str, *, later: bool) -> GateResult:
    return GateResult(
        id=gate.id,
        metric=named(gate.metric).name,
        rule=f"{rule} ({_LATER if later else 'no champion yet'})",
        outcome=Outcome.PASS,
        blocks=False,
        why=gate.why,
        owner=gate.owner,
        page=gate.page,
        slice=f"{gate.slice}=*" if gate.slice else "",
    )


def _too_small(gate: Gate, rule: str) -> GateResult:
    return GateResult(
        id=gate.id,
        metric=named(gate.metric).name,
        rule=rule,
        outcome=Outcome.UNSURE,
        blocks=blocks(Outcome.UNSURE, gate.unsure),
        slice=f"{gate.slice}=*",
        why=f"no {gate.slice} has {gate.min_rows} rows that can be judged",
        owner=gate.owner,
        page=gate.page,
    )


def _result(test: _Test, *, rule: str, confidence: float, worn: bool) -> GateResult:
    gate, scores = test.gate, test.scores
    outcome = test.outcome(confidence)
    worn = worn and test.primary and outcome is Outcome.PASS
    if worn:
        outcome = Outcome.UNSURE
    low, high = test.noise.interval(confidence)
    relative = gate.against is not None
    return GateResult(
        id=gate.id,
        metric=scores.metric,
        rule=rule,
        outcome=outcome,
        blocks=worn or blocks(outcome, gate.unsure),
        worn=worn,
        candidate=scores.candidate,
        reference=scores.reference if relative else None,
        difference=scores.difference if relative else None,
        low=low,
        high=high,
        confidence=confidence,
        rows=test.rows,
        enough=test.enough(confidence) if outcome is Outcome.UNSURE and not worn else None,
        slice=test.at,
        why=gate.why,
        owner=gate.owner,
        page=gate.page,
        primary=test.primary,
    )


def _comparison(
    gate: Gate, evaluation: Evaluation, against: Against | None, champion: str | None
) -> Comparison:
    """An absolute gate may look at any comparison: the candidate is the same in all."""
    if against is Against.VERSION:
        found = evaluation.against(against, gate.than)
        found = found or evaluation.against(Against.CHAMPION, gate.than)
    else:
        wanted = against or (Against.CHAMPION if champion else Against.BASELINE)
        found = evaluation.against(wanted) or (None if against else evaluation.comparisons[0])
    if found is None:
        whom = gate.than or "anything"
        raise _unmeasured(gate, f"a comparison with {whom}", "the evaluation: pennon compare")
    return found


def _worst(results: Iterable[GateResult]) -> list[GateResult]:
    """Every slice that blocks, else the one that is nearest to it: a table has to stay short."""
    ordered = sorted(results, key=_severity)
    return [result for result in ordered if result.blocks] or ordered[:1]


def _severity(result: GateResult) -> tuple[int, float]:
    rank = {Outcome.FAIL: 0, Outcome.UNSURE: 1, Outcome.PASS: 2}[result.outcome]
    change = result.difference or 0.0
    better = change if named(result.metric).greater_is_better else -change
    return (rank, better)


def _find(scores: Iterable[Scores], name: str) -> Scores | None:
    return next((found for found in scores if found.metric == name), None)


def _unmeasured(gate: Gate, what: str, where: str) -> ConfigError:
    return ConfigError(
        f"gates.yaml: gate {gate.id!r} asks for {what}, which was not measured",
        hint=f"add it to {where}",
    )
