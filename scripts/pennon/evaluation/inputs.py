"""Are these rows and predictions something that a metric can judge? Says why not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pennon.config import Task
from pennon.errors import EvaluationError

Floats = NDArray[np.float64]


def truth_of(values: NDArray[Any], task: Task) -> Floats:
    truth = np.asarray(values, dtype=np.float64)
    if truth.size == 0:
        raise EvaluationError("the holdout has no rows", hint="raise its share in data/<name>.yaml")
    if not np.isfinite(truth).all():
        raise EvaluationError("the target of the holdout has empty values")
    if task is Task.REGRESSION:
        return truth
    classes = np.unique(truth)
    if not np.isin(classes, (0, 1)).all():
        raise EvaluationError(
            f"the target has the values {classes[:5].tolist()}",
            hint="pennon compares binary classifiers: make the target 0 and 1",
        )
    if classes.size < 2:  # noqa: PLR2004  two classes make a comparison
        raise EvaluationError(
            f"all {truth.size} holdout rows have the target {classes[0]:g}: one class only",
            hint="raise the share of the holdout in data/<name>.yaml",
        )
    return truth


def prediction_of(values: NDArray[Any], truth: Floats, task: Task, whose: str) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.shape != truth.shape:
        raise EvaluationError(f"{whose} made {found.shape} predictions for {truth.size} rows")
    bad = int((~np.isfinite(found)).sum())
    if bad:
        raise EvaluationError(
            f"{whose} predicts NaN or infinity for {bad} of {truth.size} rows",
            hint="look for empty features or a diverging training",
        )
    if task is Task.CLASSIFICATION and ((found < 0) | (found > 1)).any():
        raise EvaluationError(
            f"{whose} predicts probabilities from {found.min():.3g} to {found.max():.3g}",
            hint="an estimator needs predict_proba, a command probabilities of the class 1",
        )
    return found
