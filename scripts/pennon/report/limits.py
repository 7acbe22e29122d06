"""What is known not to be known of a model: sentences for its card and its release notes."""

from __future__ import annotations

from collections.abc import Iterator

from pennon.config import Dataset
from pennon.evaluation import Comparison, Evaluation
from pennon.registry import Manifest
from pennon.report.numbers import count
from pennon.report.view import Mark, MetricRow

SHOWN = 8


def limits(dataset: Dataset, manifest: Manifest, evaluation: Evaluation) -> tuple[str, ...]:
    """Plain sentences, each from a recorded fact."""
    comparison = evaluation.comparisons[0]
    return (
        *_data(dataset, manifest),
        *_slices(comparison, evaluation.metric),
        "The intervals cover the choice of the sealed rows, not the luck of one training.",
    )


def _data(dataset: Dataset, manifest: Manifest) -> Iterator[str]:
    if manifest.sample:
        rows = count(manifest.train_rows)
        yield f"Trained on a sample of {rows} rows; a model of all rows can be another."
    if dataset.holdout.after is not None:
        yield f"Measured on rows from {dataset.holdout.after} on, trained on older ones."
    else:
        yield (
            "Measured on rows of the same period as those it was trained on: "
            "how it does on later ones is not known."
        )
    personal = [name for name, column in dataset.contract.columns.items() if column.personal]
    used = [field.name for field in manifest.signature.inputs if field.name in personal]
    if used:
        yield f"Reads columns with personal data: {_some(used)}."


def _slices(comparison: Comparison, metric: str) -> Iterator[str]:
    if not comparison.slices:
        yield "No slice was measured: how it does on groups of rows is not known."
        return
    small = [part.name for part in comparison.slices if not part.scores]
    if small:
        yield f"Not measured, for want of rows: {_some(small)}."
    losing = [
        part.name
        for part in comparison.slices
        for scores in part.scores
        if scores.metric == metric and MetricRow(scores=scores).mark is Mark.WORSE
    ]
    if losing:
        yield f"Worse beyond noise than {comparison.name} on {_some(losing)}."


def _some(names: list[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
