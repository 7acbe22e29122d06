"""One evaluation and what its gates said, as the rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pennon.config import Against, Gate
from pennon.evaluation import (
    QUALITIES,
    Comparison,
    Evaluation,
    GateResult,
    Outcome,
    Scores,
    SliceScores,
    Verdict,
)
from pennon.evaluation.qualities import scores_of
from pennon.report.besides import besides
from pennon.report.view import GateView, MetricRow


class Case(msgspec.Struct, frozen=True):
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
        measured = self.evaluation.footprint is not None
        later = {it.id for it in silent if it.metric in QUALITIES and not measured}
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
        """Every metric against the table's reference, then what is worth knowing of the others.

        A champion can be no better than a constant: a row shows it.
        """
        deciding = self.evaluation.metric
        for scores in self.table.scores:
            yield self._row(self.table, scores, decides=scores.metric == deciding)
        for comparison in self.evaluation.comparisons:
            if comparison is self.table:
                continue
            baseline = comparison.against is Against.BASELINE
            for scores in comparison.scores:
                row = self._row(comparison, scores)
                if row.gates or (baseline and scores.metric == deciding):
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
        """The recipes over draws, and what gates asked besides metrics: a row for each gate."""
        draws = self.evaluation.draws
        if draws is not None:
            said = [it for it in self.verdict.results if it.candidate is not None]
            said = [it for it in said if self.gates[it.id].draws]
            scores = scores_of(draws)
            yield MetricRow(
                scores=scores,
                draws=draws.times,
                rows=draws.test_rows,
                gates=tuple(self._gate(it, scores) for it in said),
            )
        for result in self.verdict.results:
            if result.metric in QUALITIES and result.candidate is not None:
                scores = besides(result)
                yield MetricRow(
                    scores=scores,
                    slice=result.slice,
                    rows=result.rows,
                    gates=(self._gate(result, scores),),
                    alone=result.reference is None,
                    once=True,
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
            against="" if comparison is self.table else _whom(comparison),
            slice=at,
            rows=part.rows if part else comparison.rows,
            gates=tuple(self._gate(result, scores) for result in said),
        )

    def _is_about(self, result: GateResult, comparison: Comparison) -> bool:
        """A relative gate names its reference; an absolute one stands in the table's own rows."""
        gate = self.gates[result.id]
        if gate.draws:
            return False
        if gate.against is Against.VERSION:
            return comparison.name == gate.than
        return comparison.against is gate.against if gate.against else comparison is self.table

    def _gate(self, result: GateResult, scores: Scores) -> GateView:
        gate = self.gates[result.id]
        return GateView(
            result=result,
            limit=_limit(gate, greater_is_better=scores.greater_is_better),
            relative=gate.against is not None,
        )


def _whom(comparison: Comparison) -> str:
    article = "the " if comparison.against is Against.BASELINE else ""
    return article + comparison.name


def _limit(gate: Gate, *, greater_is_better: bool) -> float | None:
    """The number that decides, in the table's terms: of the value, or of the difference."""
    sign = 1 if greater_is_better else -1
    if gate.superior is not None:
        return sign * gate.superior.by
    if gate.not_worse is not None:
        return -sign * gate.not_worse.margin
    return gate.min if gate.min is not None else gate.max
