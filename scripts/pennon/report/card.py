"""The model card of a version: what it is for, what it was measured to do, what is not known."""

from __future__ import annotations

from pennon.config import Config, Dataset, Model
from pennon.evaluation import Comparison, Evaluation, SliceScores
from pennon.registry import Manifest
from pennon.report.build import provenance
from pennon.report.limits import limits
from pennon.report.view import MetricRow, Provenance, View


class CardView(View, frozen=True, kw_only=True):
    """What the template gets."""

    version: str
    model: Model
    dataset: Dataset
    owners: tuple[str, ...]
    manifest: Manifest
    evaluation: Evaluation
    comparison: Comparison
    metrics: tuple[MetricRow, ...]
    slices: tuple[MetricRow, ...]
    unscored: tuple[SliceScores, ...]
    limits: tuple[str, ...]
    provenance: Provenance


def card(config: Config, manifest: Manifest, evaluation: Evaluation, *, version: str) -> str:
    """Markdown. The evaluation's first comparison is the one that the card shows."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    dataset = config.dataset_of(manifest.model)
    comparison = evaluation.comparisons[0]
    view = CardView(
        version=version,
        model=config.model(manifest.model),
        dataset=dataset,
        owners=config.project.owners,
        manifest=manifest,
        evaluation=evaluation,
        comparison=comparison,
        metrics=tuple(MetricRow(scores=scores) for scores in comparison.scores),
        slices=_slices(comparison, evaluation.metric),
        unscored=tuple(part for part in comparison.slices if not part.scores),
        limits=limits(dataset, manifest, evaluation),
        provenance=provenance(manifest),
    )
    return render_markdown("card.md.j2", view=view)


def _slices(comparison: Comparison, metric: str) -> tuple[MetricRow, ...]:
    """Every slice on the decision metric, the lowest quality first."""
    rows = [
        MetricRow(scores=scores, slice=part.name, rows=part.rows)
        for part in comparison.slices
        for scores in part.scores
        if scores.metric == metric
    ]
    return tuple(sorted(rows, key=_quality))


def _quality(row: MetricRow) -> float:
    return row.scores.candidate if row.scores.greater_is_better else -row.scores.candidate
