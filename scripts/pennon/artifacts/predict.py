"""Rows to numbers: the one prediction function that training, comparison and serving share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pennon.config import Task
from pennon.errors import EvaluationError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_BINARY = 2


def predict(estimator: Any, features: pd.DataFrame, task: Task) -> NDArray[np.float64]:  # noqa: ANN401
    """Predictions (n,) float64 for features of n rows: probability of the class 1, or the value.

    Raises EvaluationError where they are not one finite number a row.
    """
    import numpy as np  # noqa: PLC0415  only where there are rows

    if task is Task.CLASSIFICATION:
        raw = _probabilities(estimator, features)
    else:
        raw = np.asarray(estimator.predict(features), dtype=np.float64)
    return checked(raw, len(features))


def checked(raw: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """The same predictions. Raises EvaluationError unless they are one finite number a row."""
    import numpy as np  # noqa: PLC0415  only where there are rows

    if raw.shape != (rows,):
        raise EvaluationError(f"the model made {raw.shape} predictions for {rows} rows")
    bad = int((~np.isfinite(raw)).sum())
    if bad:
        raise EvaluationError(
            f"the model predicts NaN or infinity for {bad} of {rows} rows",
            hint="look for empty features or a diverging training",
        )
    return raw


def _probabilities(estimator: Any, features: pd.DataFrame) -> NDArray[np.float64]:  # noqa: ANN401
    import numpy as np  # noqa: PLC0415  as above

    if not hasattr(estimator, "predict_proba"):
        raise EvaluationError(
            f"{type(estimator).__name__} has no predict_proba",
            hint="classification compares probabilities; wrap it in a CalibratedClassifierCV",
        )
    table = np.asarray(estimator.predict_proba(features), dtype=np.float64)
    if table.ndim != _BINARY or table.shape[1] != _BINARY:
        raise EvaluationError(
            f"the model knows {table.shape[-1]} classes, a binary one is needed",
            hint="make the target 0 and 1, with both in the training rows",
        )
    return table[:, 1]
