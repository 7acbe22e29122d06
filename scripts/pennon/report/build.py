"""From what was measured and decided to what a review shows. Pure: one call for a flow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from pennon.config import Gates
from pennon.datasets import Finding
from pennon.evaluation import (
    Evaluation,
    Verdict,
    VerdictOutcome,
)
from pennon.evaluation.multiplicity import findings as found_together
from pennon.registry import Manifest
from pennon.report.besides import seen
from pennon.report.case import Case
from pennon.report.view import (
    Facts,
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
    case = Case(evaluation, verdict, {gate.id: gate for gate in gates.of(evaluation.model)})
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
        discovery=evaluation.discovery,
        explanation=evaluation.explanation,
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
