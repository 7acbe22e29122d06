"""The model card of a version, in Hugging Face's format: what is known, and what nobody has said.

Each section is made of recorded facts and of people's answers (use-case.yaml, roles.yaml); where
there are none it says so, and where to write them.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping

from pennon.config import Config, Dataset, Model
from pennon.config.intake import Answers, Intake, Role, UseCase
from pennon.evaluation import Comparison, Evaluation, SliceScores, Verdict
from pennon.registry import Manifest
from pennon.report.build import provenance
from pennon.report.frontmatter import front_matter
from pennon.report.limits import limits
from pennon.report.markdown import repository
from pennon.report.principles import Kept
from pennon.report.view import MetricRow, Provenance, View


class CardView(View, frozen=True, kw_only=True):
    """What the template gets."""

    front: str
    version: str
    model: Model
    dataset: Dataset
    owners: tuple[str, ...]
    use_case: UseCase | None
    answers: Answers
    roles: Mapping[str, Role]
    manifest: Manifest
    evaluation: Evaluation
    verdict: Verdict | None
    principles: tuple[Kept, ...]
    comparison: Comparison
    metrics: tuple[MetricRow, ...]
    slices: tuple[MetricRow, ...]
    unscored: tuple[SliceScores, ...]
    limits: tuple[str, ...]
    provenance: Provenance
    repository: str
    python: str
    shell: str

    @property
    def deciding(self) -> MetricRow | None:
        return next((row for row in self.metrics if row.decides), None)


def card(
    config: Config,
    manifest: Manifest,
    evaluation: Evaluation,
    *,
    version: str,
    intake: Intake | None = None,
    verdict: Verdict | None = None,
    principles: Iterable[Kept] = (),
) -> str:
    """Markdown. The evaluation's first comparison is the one that the card shows."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    said, dataset = intake or Intake(), config.dataset_of(manifest.model)
    answers, comparison = said.answers(manifest.model), evaluation.comparisons[0]
    home = repository(manifest.run.url)
    python, shell = _started(f"{manifest.model}@{version}", home)
    view = CardView(
        front=front_matter(config, manifest, evaluation, licence=answers.licence),
        version=version,
        model=config.model(manifest.model),
        dataset=dataset,
        owners=config.project.owners,
        use_case=said.use_case,
        answers=answers,
        roles=said.roles,
        manifest=manifest,
        evaluation=evaluation,
        verdict=verdict,
        principles=tuple(principles),
        comparison=comparison,
        metrics=tuple(
            MetricRow(scores=scores, decides=scores.metric == evaluation.metric)
            for scores in comparison.scores
        ),
        slices=_slices(comparison, evaluation.metric),
        unscored=tuple(part for part in comparison.slices if not part.scores),
        limits=limits(dataset, manifest, evaluation),
        provenance=provenance(manifest),
        repository=home,
        python=python,
        shell=shell,
    )
    return render_markdown("card.md.j2", view=view)


def _started(name: str, home: str) -> tuple[str, str]:
    """How to use the version: lines of Python, and of a shell in a clone."""
    where = f", repo={json.dumps(home)}" if home else ""
    python = (
        "import pennon\n\n"
        f"model = pennon.load({json.dumps(name)}{where})\n"
        "model.predict(rows)  # a DataFrame with the columns below, a number for each row"
    )
    quoted = shlex.quote(name)
    return python, f"pennon verify {quoted}\npennon serve {quoted} --port 8080"


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
