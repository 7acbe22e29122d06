"""Where is a candidate weak, among slices that nobody named? Information, never a gate.

Two questions: where are its predictions off on average, and where does it lose more than what it is
compared with? Not: where does it lose most. That is where the outcome is hardest to know, whatever
the model. The search sees one half of the rows, and the figures of what it picks come from the
other half: a difference that was picked for its size is too large, one that is measured anew is not
(Cox 1975). Slices are conditions on one or two columns, as in Slice Finder (Chung et al. 2019).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.compare import Reference
from pennon.evaluation.estimate import Noise
from pennon.evaluation.inputs import prediction_of, truth_of
from pennon.evaluation.insight import Discovery, Weakness
from pennon.evaluation.metrics import LOSSES, vectorised
from pennon.evaluation.names import COST
from pennon.evaluation.plan import Plan
from pennon.evaluation.search import Limits, Pick, Search

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]
Labels = NDArray[np.intp] | None
Sides = Callable[[Rows], tuple[float | None, float | None]]
"""Rows (n,) of a slice -> the candidate there, and what stands beside it."""

METHOD = (
    "Conditions on one or two columns were searched on half of the rows. All figures come from the "
    "other half, which the search did not see; intervals cover the choice of its rows."
)
_LOSSES = {
    "brier_score": "brier_score",
    "mean_absolute_error": "mean_absolute_error",
    "median_absolute_error": "mean_absolute_error",
    COST: COST,
}
"""The loss of a row that goes with a decision metric, where it is not the usual one of the task."""
_USUAL = {Task.CLASSIFICATION: "log_loss", Task.REGRESSION: "mean_squared_error"}


def discover(
    plan: Plan,
    frame: pd.DataFrame,
    truth: Floats,
    models: tuple[Floats, Reference],
    *,
    groups: NDArray[Any] | None = None,
    costs: Callable[[Floats], Floats] | None = None,
    limits: Limits | None = None,
) -> Discovery:
    """Look for slices of `frame` (n, columns) where the candidate is off, or loses more.

    `models` are the candidate's predictions (n,) for `truth` (n,), and the reference. `groups` (n,)
    labels rows that belong together: they stay on one side; `costs` gives what predictions (n,)
    cost, where that decides. The same seed gives the same slices, unless the time runs out. Raises
    EvaluationError where truth or predictions cannot be judged.
    """
    limits, start = limits or Limits(), time.perf_counter()
    plan = plan if costs else plan.scored
    labels = None if groups is None else np.unique(groups.astype(str), return_inverse=True)[1]
    seen = _half(len(frame), labels, plan.seed)
    search = Search(frame, seen, labels, limits)
    judged = _judged(plan, truth_of(truth, plan.task), models, costs)
    half = _Half(~seen, labels, limits.smallest)
    return Discovery(
        against=models[1].against,
        loss=judged.loss,
        off=tuple(_off(search, judged, half, limits.shown)),
        worse=tuple(_worse(search, judged, half)),
        rows=int(half.where.sum()),
        searched=search.searched,
        columns=len(search.columns),
        left_out=frame.shape[1] - len(search.columns),
        confidence=plan.confidence,
        seed=plan.seed,
        seconds=round(time.perf_counter() - start, 3),
        method=METHOD,
    )


def _half(rows: int, labels: Labels, seed: int) -> Rows:
    """(n,): is it of the half that is searched? Rows that share a label are in the same one."""
    generator = np.random.default_rng(seed)
    if labels is None:
        labels = np.arange(rows)
    count = int(labels.max()) + 1
    found: Rows = (generator.permutation(count) < count / 2)[labels]
    return found


class _Judged(NamedTuple):
    """Predictions (n,) of the candidate; what both models `say` (n,), for the metrics."""

    plan: Plan
    truth: Floats
    candidate: Floats
    say: Sequence[Floats]
    loss: str

    def more(self) -> Floats:
        """(n,): what the candidate loses more than the reference."""
        ours, theirs = (LOSSES[self.loss](self.truth, it) for it in self.say)
        return ours - theirs

    def means(self, rows: Rows) -> tuple[float, float]:
        return float(self.candidate[rows].mean()), float(self.truth[rows].mean())

    def metrics(self, rows: Rows) -> tuple[float | None, float | None]:
        """The decision metric of both models there; none where it is not defined."""
        metric = vectorised(self.plan.names[0], self.plan.threshold)
        once = np.ones((1, int(rows.sum())))
        ours, theirs = (float(metric(self.truth[rows], it[rows], once)[0]) for it in self.say)
        return (ours if isfinite(ours) else None), (theirs if isfinite(theirs) else None)


def _judged(
    plan: Plan,
    truth: Floats,
    models: tuple[Floats, Reference],
    costs: Callable[[Floats], Floats] | None,
) -> _Judged:
    ours = prediction_of(models[0], truth, plan.task, "the candidate")
    say = [ours, prediction_of(models[1].predictions, truth, plan.task, models[1].name)]
    loss = _LOSSES.get(plan.names[0], _USUAL[plan.task])
    if costs and loss == COST:
        say = [costs(it) for it in say]
    return _Judged(plan, truth, ours, say, loss)


class _Half(NamedTuple):
    """The rows (n,) that the search does not see."""

    where: Rows
    labels: Labels
    smallest: int

    def weakness(
        self, pick: Pick, values: Floats, sides: Sides, *, below: bool = False
    ) -> Iterator[Weakness]:
        """What it is worth here: the mean of `values` (n,); nothing for a slice that is too small.

        That is told by its rows alone, so that no difference decides what is shown.
        """
        rows = pick.rows & self.where
        if rows.sum() < self.smallest:
            return
        noise = _noise(values, rows, self.labels)
        if isfinite(noise.error):
            ours, beside = sides(rows)
            yield Weakness(
                rule=pick.words,
                rows=int(rows.sum()),
                candidate=ours,
                beside=beside,
                noise=noise,
                below=below,
            )


def _off(search: Search, judged: _Judged, half: _Half, most: int) -> Iterator[Weakness]:
    """Where it says too much or too little, the most tilted slices first."""
    error = judged.candidate - judged.truth
    picks = [
        (it, below) for below in (False, True) for it in search.picks(-error if below else error)
    ]
    for pick, below in sorted(picks, key=lambda pair: -pair[0].score)[:most]:
        yield from half.weakness(pick, error, judged.means, below=below)


def _worse(search: Search, judged: _Judged, half: _Half) -> Iterator[Weakness]:
    more = judged.more()
    for pick in search.picks(more):
        yield from half.weakness(pick, more, judged.metrics)


def _noise(values: Floats, rows: Rows, labels: Labels) -> Noise:
    """Of the mean of `values` (n,) among `rows` (n,): by Student's t, or by sums over groups.

    Groups as clusters: Liang and Zeger (1986).
    """
    center = float(values[rows].mean())
    influence = (values[rows] - center) / rows.sum()
    if labels is not None:
        numbers = np.unique(labels[rows], return_inverse=True)[1]
        influence = np.bincount(numbers, influence).astype(np.float64)
    count = influence.size
    if count < 2:  # noqa: PLR2004  one tells nothing of its noise
        return Noise(center=center, error=float("inf"), df=1)
    error = sqrt(float(influence @ influence) * count / (count - 1))
    return Noise(center=center, error=error, df=count - 1)
