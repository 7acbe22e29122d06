"""Predictions with a planted defect, for gates to stop, and sound ones for them to let pass.

No model is trained: the truth itself, blurred, stands in for a champion of middling quality.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pennon.config import Against, Gate, Task

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

_BLUR = 1.2
"""Standard deviations of the target: good enough to be worth spoiling, far from perfect."""


def middling(truth: Floats, task: Task, seed: int) -> Floats:
    """Predictions (n,) that know something of the truth (n,)."""
    noise = np.random.default_rng(seed).normal(0, _BLUR, truth.size)
    if task is Task.REGRESSION:
        return truth + noise * float(truth.std())
    score = (truth - truth.mean()) / max(float(truth.std()), 1e-9) + noise
    found: Floats = 1 / (1 + np.exp(-score))
    return found


def sound(truth: Floats, champion: Floats) -> Floats:
    """Two thirds of the way from the champion to the truth: better everywhere."""
    return champion + (truth - champion) * 2 / 3


def defect(gate: Gate, champion: Floats, better: Floats, constant: Floats, rows: Rows) -> Floats:  # noqa: PLR0917  four predictions of the same rows
    """What this gate exists to stop. `rows` are those of the slice, or all.

    A gate that asks for something better gets its reference itself; every other one a model that is
    better, and says on `rows` what belongs to other rows.
    """
    if gate.superior is not None:
        return champion if gate.superior.than is Against.CHAMPION else constant
    spoilt = better.copy()
    inside = np.flatnonzero(rows)
    spoilt[inside] = spoilt[np.random.default_rng(0).permutation(inside)]
    return spoilt
