"""From what was measured and decided to what a review shows. Pure: one call for a flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pennon.config import Against, Gate, Gates
from pennon.datasets import Finding
from pennon.evaluation import (
    QUALITIES,
    Comparison,
    Evaluation,
    GateResult,
    Outcome,
    Scores,
    SliceScores,
    Verdict,
    VerdictOutcome,
)
from pennon.evaluation.multiplicity import findings as found_together
from pennon.registry import Manifest
from pennon.report.besides import alone, seen
from pennon.report.view import (
    Facts,
    GateView,
    Kind,
    Mark,
    MetricRow,
    Provenance,
    ReviewView,
)
from pennon.report.words import advice

KINDS = {
    VerdictOutcome.PASS: Kind.BETTER,
    VerdictOutcome.FIRST: Kind.FIRST,
    VerdictOutcome.FAIL: Kind.WORSE,
    VerdictOutcome.NO_DIFFERENCE: Kind.NO_DIFFERENCE,
    VerdictOutcome.UNSURE: Kind.UNSURE,
    VerdictOutcome.WORN: Kind.WORN,
}
_ORDER = {Mark.WORSE: 0, Mark.NOISE: 1, Mark.BETTER: 2}


def review_view(
    facts: Facts,
    evaluation: Evaluation,
    verdict: Verdict,
    *,
    gates: Gates,
    manifest: Manifest,
    kind: Kind | None = None,
    reason: str = "",
) -> ReviewView:
    """A review that measured something.

    `kind` (with its `reason`) only where the verdict is not the news: CHAMPION_UNSCORED, SAME.
    """
    kind = kind or KINDS[verdict.outcome]
    case = _Case(evaluation, verdict, {gate.id: gate for gate in gates.of(evaluation.model)})
    slices = tuple(sorted(_together(list(case.slices()), 1 - gates.confidence), key=_badness))
    words, command = advice(facts, kind)
    return ReviewView(
        **_fields(facts) | seen(facts, evaluation),
        kind=kind,
        reason=reason or verdict.reason,
        champion=verdict.champion or "",
        confidence=case.table.confidence,
        method=case.table.method,
        rows=evaluation.rows,
        sealed=bool(evaluation.holdout),
        detectable=case.detectable(),
        looks=evaluation.looks,
        budget=gates.looks,
        positive_rate=evaluation.positive_rate,
        metrics=tuple(case.overall()),
        worst=tuple(case.worst()) or slices[:1],
        qualities=tuple(case.qualities()),
        **case.counted(),
        threshold=evaluation.threshold,
        confusion=evaluation.confusion,
        residuals=evaluation.residuals,
        fairness=evaluation.fairness,
        slices=slices,
        unscored=tuple(part for part in case.table.slices if not part.scores),
        provenance=provenance(manifest, facts.head),
        advice=words,
        command=command,
    )


def stopped_view(
    facts: Facts,
    kind: Kind,
    reason: str = "",
    *,
    findings: Iterable[Finding] = (),
    step: str = "",
    log: str = "",
) -> ReviewView:
    """A review that measured nothing: broken data, failed training, nothing changed."""
    words, command = advice(facts, kind)
    return ReviewView(
        **_fields(facts),
        kind=kind,
        reason=reason,
        findings=tuple(findings),
        step=step,
        log=log,
        advice=words,
        command=command,
    )


def provenance(manifest: Manifest, head: str = "") -> Provenance:
    """How to make the run of a manifest again; `head` where another commit is to be checked out."""
    outside = sum(part.rows for part in manifest.data) - manifest.holdout_rows
    full = "" if manifest.sample else " --data full"
    return Provenance(
        sample=manifest.sample,
        train_rows=manifest.train_rows,
        all_rows=max(outside, manifest.train_rows),
        seed=manifest.seed,
        seconds=manifest.run.seconds,
        data={part.name: part.content for part in manifest.data},
        holdout=manifest.holdout,
        environment=manifest.environment,
        python=manifest.python,
        commands=(
            f"git checkout {(head or manifest.commit)[:12]}",
            "uv pip sync requirements.lock",
            f"pennon review {manifest.model}{full}",
        ),
    )


class _Case(msgspec.Struct, frozen=True):
    """One evaluation and what the gates said of it. `gates` is id -> gate."""

    evaluation: Evaluation
    verdict: Verdict
    gates: Mapping[str, Gate]

    @property
    def table(self) -> Comparison:
        """What the table compares with: the champion where there is one, else the baseline."""
        wanted = Against.CHAMPION if self.verdict.champion else Against.BASELINE
        return self.evaluation.against(wanted) or self.evaluation.comparisons[0]

    def counted(self) -> dict[str, Any]:
        """How many gates were decided, and which were not, for what reason."""
        results = self.verdict.results
        decided = {result.id for result in results if result.candidate is not None}
        silent = [result for result in results if result.candidate is None]
        later = {result.id for result in silent if result.metric in QUALITIES}
        waiting = {result.id for result in silent if result.outcome is Outcome.PASS} - later
        return {
            "gates_passed": len(decided - {result.id for result in self.verdict.blocking}),
            "gates_total": len(decided),
            "waiting": tuple(name for name in self.gates if name in waiting),
            "later": tuple(name for name in self.gates if name in later),
            "undecided": tuple(
                name for name in self.gates if name not in decided | waiting | later
            ),
        }

    def detectable(self) -> float | None:
        """The difference of the decision metric that nine of ten comparisons would have shown."""
        scores = self.table.score(self.evaluation.metric)
        result = next((it for it in self.verdict.results if it.primary and it.confidence), None)
        sure = result.confidence if result and result.confidence else self.table.confidence
        return scores.noise.detectable(sure) if scores else None

    def overall(self) -> Iterator[MetricRow]:
        """Every metric against the table's reference, then what is worth knowing of the baseline.

        A champion can be no better than a constant: the last rows show it.
        """
        deciding = self.evaluation.metric
        for scores in self.table.scores:
            yield self._row(self.table, scores, decides=scores.metric == deciding)
        baseline = self.evaluation.against(Against.BASELINE)
        if baseline is not None and baseline is not self.table:
            for scores in baseline.scores:
                row = self._row(baseline, scores)
                if row.gates or scores.metric == deciding:
                    yield row

    def worst(self) -> Iterator[MetricRow]:
        """The slices that a gate named, a row each."""
        for comparison in self.evaluation.comparisons:
            for part in comparison.slices:
                for scores in part.scores:
                    row = self._row(comparison, scores, part)
                    if row.gates:
                        yield row

    def qualities(self) -> Iterator[MetricRow]:
        """What gates asked besides metrics: the candidate's own, a row for each gate."""
        for result in self.verdict.results:
            if result.metric in QUALITIES and result.candidate is not None:
                scores = alone(result)
                gate = self._gate(result, scores)
                yield MetricRow(
                    scores=scores, slice=result.slice, rows=result.rows, gates=(gate,), alone=True
                )

    def slices(self) -> Iterator[MetricRow]:
        """Every slice on the decision metric."""
        for part in self.table.slices:
            for scores in part.scores:
                if scores.metric == self.evaluation.metric:
                    yield self._row(self.table, scores, part)

    def _row(
        self,
        comparison: Comparison,
        scores: Scores,
        part: SliceScores | None = None,
        *,
        decides: bool = False,
    ) -> MetricRow:
        at = part.name if part else ""
        said = [
            result
            for result in self.verdict.results
            if (result.metric, result.slice) == (scores.metric, at)
            and result.candidate is not None
            and self._is_about(result, comparison)
        ]
        return MetricRow(
            scores=scores,
            decides=decides,
            against="" if comparison is self.table else comparison.name,
            slice=at,
            rows=part.rows if part else comparison.rows,
            gates=tuple(self._gate(result, scores) for result in said),
        )

    def _is_about(self, result: GateResult, comparison: Comparison) -> bool:
        """A relative gate names its reference; an absolute one stands in the table's own rows."""
        gate = self.gates[result.id]
        relative = gate.superior or gate.not_worse
        return comparison.against is relative.than if relative else comparison is self.table

    def _gate(self, result: GateResult, scores: Scores) -> GateView:
        gate = self.gates[result.id]
        return GateView(
            result=result,
            limit=_limit(gate, greater_is_better=scores.greater_is_better),
            relative=bool(gate.superior or gate.not_worse),
        )


def _limit(gate: Gate, *, greater_is_better: bool) -> float | None:
    """The number that decides, in the table's terms: of the value, or of the difference."""
    sign = 1 if greater_is_better else -1
    if gate.superior is not None:
        return sign * gate.superior.by
    if gate.not_worse is not None:
        return -sign * gate.not_worse.margin
    return gate.min if gate.min is not None else gate.max


def _together(rows: list[MetricRow], rate: float) -> list[MetricRow]:
    """Slices only inform here: of those called better or worse at most `rate` are so by chance."""
    found = found_together([row.scores.noise.p_value() for row in rows], rate)
    return [
        msgspec.structs.replace(row, beyond=beyond) for row, beyond in zip(rows, found, strict=True)
    ]


def _fields(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__struct_fields__}


def _badness(row: MetricRow) -> tuple[int, float]:
    return (_ORDER[row.mark], row.scores.improvement)
