"""The metrics by name: scikit-learn's scorer names without `neg_`, their task and direction."""

from __future__ import annotations

from difflib import get_close_matches
from math import inf

import msgspec

from pennon.config import Task
from pennon.errors import ConfigError


class Metric(msgspec.Struct, frozen=True):
    """What can be known of a metric without computing it: its values lie in [least, most]."""

    name: str
    task: Task | None  # none: any task can have it
    label: str
    greater_is_better: bool
    least: float = 0.0
    most: float = 1.0

    @property
    def arrow(self) -> str:
        """`ROC AUC ↑`: the label and the direction that is better."""
        return f"{self.label} {'↑' if self.greater_is_better else '↓'}"


COST = "cost"
"""The repository's own metric: what answers cost it."""
_C, _R = Task.CLASSIFICATION, Task.REGRESSION
METRICS = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", _C, "ROC AUC", greater_is_better=True),
        Metric("average_precision", _C, "Average precision", greater_is_better=True),
        Metric("accuracy", _C, "Accuracy", greater_is_better=True),
        Metric("balanced_accuracy", _C, "Balanced accuracy", greater_is_better=True),
        Metric("f1", _C, "F1", greater_is_better=True),
        Metric("precision", _C, "Precision", greater_is_better=True),
        Metric("recall", _C, "Recall", greater_is_better=True),
        Metric("log_loss", _C, "Log loss", greater_is_better=False, most=inf),
        Metric("brier_score", _C, "Brier score", greater_is_better=False),
        Metric("mean_absolute_error", _R, "Mean absolute error", greater_is_better=False, most=inf),
        Metric("root_mean_squared_error", _R, "RMSE", greater_is_better=False, most=inf),
        Metric("mean_squared_error", _R, "Mean squared error", greater_is_better=False, most=inf),
        Metric(
            "median_absolute_error", _R, "Median absolute error", greater_is_better=False, most=inf
        ),
        Metric("r2", _R, "R²", greater_is_better=True, least=-inf),
        Metric(COST, None, "Cost per row", greater_is_better=False, least=-inf, most=inf),
    )
}


def metric(name: str) -> Metric:
    """The metric, also under scikit-learn's `neg_…` name. Raises ConfigError for an unknown one."""
    found = METRICS.get(name.removeprefix("neg_"))
    if found is None:
        raise ConfigError(f"there is no metric {name!r}", hint=_suggest(name, list(METRICS)))
    return found


def known(task: Task) -> list[str]:
    """Those that need nothing but truth and predictions."""
    return [name for name, metric in METRICS.items() if metric.task is task]


def check(name: str, task: Task) -> Metric:
    """The metric, if it can score this task. Raises ConfigError with what can."""
    found = metric(name)
    if found.task not in {task, None}:
        hint = f"the metrics for {task} are: {', '.join(known(task))}"
        raise ConfigError(f"{name} is a metric for {found.task}, not for {task}", hint=hint)
    return found


def _suggest(name: str, names: list[str]) -> str:
    close = get_close_matches(name, names, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(names)}"
