"""A planted defect for each kind of gate to stop, and what is sound for it to let pass.

No model is trained: the truth itself, blurred, stands in for a champion of middling quality.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pennon.config import Against, Gate, Task
from pennon.evaluation.aspects import Draws, Footprint, figures
from pennon.evaluation.estimate import Noise
from pennon.evaluation.names import metric as metric_of
from pennon.evaluation.qualities import COSTS, LIBRARIES, QUALITIES, is_cost

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
    """Predictions that this gate exists to stop. `rows` are those of the slice, or all.

    A gate on groups of people gets one that treats `rows` as no others. One that asks for something
    better gets its reference itself; every other one a model that is better, and says on `rows`
    what belongs to other rows. A gate on what predictions do not tell gets a sound model.
    """
    if gate.draws or is_cost(gate.metric):
        return better
    if gate.metric in QUALITIES:
        return _unfair(better, rows)
    if gate.superior is not None:
        return constant if gate.against is Against.BASELINE else champion
    spoilt = better.copy()
    inside = np.flatnonzero(rows)
    spoilt[inside] = spoilt[np.random.default_rng(0).permutation(inside)]
    return spoilt


def _unfair(better: Floats, rows: Rows) -> Floats:
    """The most of what it says for `rows`, the least of it for all others."""
    return np.where(rows, float(better.max()), float(better.min()))


def footprint(gates: Sequence[Gate], broken: Gate | None) -> Footprint | None:
    """One that every gate lets pass but the `broken` one; none where no gate asks for it."""
    asked = [gate for gate in gates if is_cost(gate.metric)]
    if not asked:
        return None
    ours = {name: 0.0 for name, _, _ in COSTS.values()}
    theirs = dict(ours)
    libraries = 0.0
    for gate in sorted(asked, key=lambda it: it == broken):  # what is broken has the last word
        if gate.metric == LIBRARIES:
            libraries = _amount(gate, 0.0, bad=gate == broken)
            continue
        name, unit, _ = COSTS[gate.metric]
        champion = _CHAMPION + abs(_limit(gate))
        theirs[name] = champion * unit
        ours[name] = _amount(gate, champion, bad=gate == broken) * unit
    added = tuple(f"library{i}==1" for i in range(int(libraries)))
    return Footprint(figures=figures(ours, theirs), method="planted", added=added)


_CHAMPION = 1.0
_TIMES = 10


def _limit(gate: Gate) -> float:
    if gate.superior is not None:
        return gate.superior.by
    if gate.not_worse is not None:
        return gate.not_worse.margin
    return gate.max if gate.max is not None else gate.min or 0.0


def _amount(gate: Gate, champion: float, *, bad: bool) -> float:
    """A cost on the wrong side of the gate's limit, or on its good side."""
    limit = _limit(gate)
    if gate.min is not None:
        return limit / 2 - bad if bad else limit * 2
    if gate.superior is not None:
        return champion if bad else champion - limit - _CHAMPION / 2
    if gate.not_worse is not None:
        return champion + 2 * limit + 1 if bad else champion
    return 2 * limit + 1 if bad else limit / 2


def draws(gates: Sequence[Gate], broken: Gate | None, metric: str, champion: str) -> Draws | None:
    """Of recipes: the candidate's is better by far, but for what the `broken` gate asks.

    None where no gate asks for them.
    """
    asked = [gate for gate in gates if gate.draws]
    if not asked:
        return None
    up = 1 if metric_of(metric).greater_is_better else -1
    better = 2 * max(map(_limit, asked)) + 0.1
    if broken is not None and broken.draws:
        better = -better if broken.not_worse else 0.0
    return Draws(
        metric=metric_of(metric).name,
        against=champion,
        times=_TIMES,
        train_rows=1,
        test_rows=1,
        candidate=0.5 + up * better,
        reference=0.5,
        noise=Noise(center=up * better, error=1e-6, df=_TIMES - 1),
    )
