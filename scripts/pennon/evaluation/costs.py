"""What answers cost: by their kind, or as the repository's own function says. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pennon.config import Costs
from pennon.errors import EvaluationError

Floats = NDArray[np.float64]


def by_kind(costs: Costs, truth: Floats, prediction: Floats, threshold: float) -> Floats:
    """The cost of each answer (n,), for truth in {0, 1} and probabilities of 1, both (n,)."""
    said, actual = prediction >= threshold, truth > 0
    return np.where(
        actual,
        np.where(said, costs.true_positive, costs.false_negative),
        np.where(said, costs.false_positive, costs.true_negative),
    ).astype(np.float64)


def costs_of(values: Any, rows: int, whose: str) -> Floats:  # noqa: ANN401  theirs
    """A finite number for each of `rows`. Raises EvaluationError for anything else."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise EvaluationError(
            f"{whose} did not return numbers", hint="a cost for each row is asked for"
        ) from None
    if found.shape != (rows,):
        raise EvaluationError(f"{whose} made costs of the shape {found.shape} for {rows} rows")
    if not np.isfinite(found).all():
        raise EvaluationError(f"{whose} returned NaN or infinity for some rows")
    return found
