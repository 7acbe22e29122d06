"""The release notes of a version: what is different from the champion before it, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pennon.config import Against, Config
from pennon.evaluation import Comparison, Evaluation
from pennon.registry import Manifest
from pennon.report.limits import limits
from pennon.report.view import Change, DataChange, MetricRow, View


class NotesView(View, frozen=True, kw_only=True):
    """What the template gets. `before` is the champion's lineage, None where there was none."""

    version: str
    manifest: Manifest
    before: Manifest | None
    champion: str
    comparison: Comparison
    metrics: tuple[MetricRow, ...]
    params: tuple[Change, ...]
    libraries: tuple[Change, ...]
    data: tuple[DataChange, ...]
    limits: tuple[str, ...]


def notes(
    config: Config,
    manifest: Manifest,
    evaluation: Evaluation,
    *,
    version: str,
    before: Manifest | None = None,
) -> str:
    """Markdown. `before` is the manifest of the champion that the evaluation compares with."""
    from pennon.report.render import render_markdown  # noqa: PLC0415  jinja2

    champion = evaluation.against(Against.CHAMPION)
    comparison = champion or evaluation.comparisons[0]
    view = NotesView(
        version=version,
        manifest=manifest,
        before=before,
        champion=champion.name if champion else "",
        comparison=comparison,
        metrics=tuple(
            MetricRow(scores=scores, decides=scores.metric == evaluation.metric)
            for scores in comparison.scores
        ),
        params=_differences(before.params if before else {}, manifest.params),
        libraries=_differences(_software(before), _software(manifest)),
        data=_data(before, manifest),
        limits=limits(config.dataset_of(manifest.model), manifest, evaluation),
    )
    return render_markdown("notes.md.j2", view=view)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    names = sorted({*old, *new})
    pairs = [(name, _text(old.get(name)), _text(new.get(name))) for name in names]
    return tuple(Change(name=name, old=was, new=now) for name, was, now in pairs if was != now)


def _text(value: Any) -> str:  # noqa: ANN401  any plain value
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def _software(manifest: Manifest | None) -> dict[str, str]:
    return {"Python": manifest.python, **manifest.libraries} if manifest else {}


def _data(before: Manifest | None, after: Manifest) -> tuple[DataChange, ...]:
    """Every dataset of the version with what it was before, also where nothing changed."""
    old = {part.name: part for part in before.data} if before else {}
    return tuple(
        DataChange(
            name=part.name,
            old=old[part.name].content if part.name in old else "",
            new=part.content,
            old_rows=old[part.name].rows if part.name in old else 0,
            new_rows=part.rows,
        )
        for part in after.data
    )
