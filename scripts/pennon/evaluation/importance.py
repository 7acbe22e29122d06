"""Which columns does a model live on? Permutation importance on the decision metric.

Breiman (2001); Fisher, Rudin and Dominici (2019). Columns that say the same share their importance.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.errors import EvaluationError
from pennon.evaluation.aspects import Estimate, FeatureImportance, Importance
from pennon.evaluation.estimate import quantile
from pennon.evaluation.inputs import prediction_of, truth_of
from pennon.evaluation.metrics import vectorised
from pennon.evaluation.names import check
from pennon.evaluation.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Predict = Callable[["pd.DataFrame"], Floats]

_METHOD = (
    "Each column of the holdout shuffled in turn, and what the metric loses by it, on average. The "
    "intervals cover the choice of holdout rows and the shuffles (Poisson bootstrap), not the luck "
    "of one training. Columns that say the same share their importance."
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What it may cost. `seconds` are looked at between predictions: the last one may run over.

    With more columns than `features`, each is shuffled once beforehand, and the most important of
    them are looked at closely.
    """

    rows: int = 2000
    features: int = 30
    repeats: int = 5
    seconds: float = 30.0
    resamples: int = 200


def importance(
    plan: Plan,
    predict: Predict,
    frame: pd.DataFrame,
    truth: Floats,
    *,
    before: Importance | None = None,
    limits: Limits | None = None,
) -> Importance:
    """The loss of `plan.metric` when a column of `frame` (n, columns) is shuffled.

    `predict` takes rows of the frame and gives (n,); it is called once for each shuffle. `truth`
    (n,) belongs to the rows. `before` is what was stored with the champion. The same seed gives the
    same numbers, unless the time runs out. Raises EvaluationError where truth or predictions cannot
    be judged.
    """
    limits = limits or Limits()
    start = time.perf_counter()
    known = _known(before, plan)
    shuffles = _Shuffles(plan, predict, _rows(plan, frame, truth, limits), limits)
    size = {name: it.value for name, it in known.items()}
    order = sorted(map(str, frame.columns), key=lambda name: -size.get(name, np.inf))  # new first
    names = shuffles.screened(order, limits.features)
    losses = [shuffles.predicted(names, repeat) for repeat in range(limits.repeats)]
    found = [
        FeatureImportance(
            name=name,
            importance=shuffles.estimate([it[name] for it in losses if name in it]),
            before=known.get(name),
        )
        for name in names
        if name in losses[0]
    ]
    measured = {it.name for it in found}
    return Importance(
        metric=plan.names[0],
        value=shuffles.value,
        rows=shuffles.truth.size,
        repeats=sum(len(it) == len(names) for it in losses),
        seed=plan.seed,
        seconds=round(time.perf_counter() - start, 3),
        budget=limits.seconds,
        confidence=plan.confidence,
        method=_METHOD,
        features=tuple(sorted(found, key=lambda it: -it.importance.value)),
        left_out=tuple(name for name in order if name not in measured),
    )


def _known(before: Importance | None, plan: Plan) -> dict[str, Estimate]:
    """The champion's importances, where they were measured in the same unit."""
    if before is None or before.metric != plan.names[0]:
        return {}
    return {it.name: it.importance for it in before.features}


class _Rows(NamedTuple):
    frame: pd.DataFrame
    truth: Floats


def _rows(plan: Plan, frame: pd.DataFrame, truth: Floats, limits: Limits) -> _Rows:
    """As many as may be looked at, drawn by the plan's seed, in their order."""
    if len(frame) != len(truth):
        raise EvaluationError(f"{len(truth)} targets for {len(frame)} rows")
    if len(frame) > limits.rows:
        generator = np.random.default_rng(plan.seed)
        kept = np.sort(generator.choice(len(frame), limits.rows, replace=False))
        frame, truth = frame.iloc[kept], np.asarray(truth)[kept]
    return _Rows(frame, truth_of(truth, plan.task))


class _Shuffles:
    """Predictions with one column shuffled, and what they lose beside the untouched ones.

    A repeat shuffles every column in the same order, so that their losses can be compared.
    """

    def __init__(self, plan: Plan, predict: Predict, rows: _Rows, limits: Limits) -> None:
        self.frame, self.truth = rows
        self._plan, self._predict, self._limits = plan, predict, limits
        self._until = time.perf_counter() + limits.seconds
        self._metric = vectorised(plan.names[0], plan.threshold)
        self._sign = 1.0 if check(plan.metric, plan.task).greater_is_better else -1.0
        generator = np.random.default_rng(plan.seed)
        shuffles = range(limits.repeats + 1)
        self._orders = [generator.permutation(self.truth.size) for _ in shuffles]
        self._drawn = generator.poisson(1.0, (limits.resamples, self.truth.size))
        self._base = self._of(self.frame)
        self.value = self._score(self._base)
        if not np.isfinite(self.value):
            raise EvaluationError(f"{plan.names[0]} is not defined on these {self.truth.size} rows")

    def screened(self, names: Sequence[str], most: int) -> list[str]:
        """The most important of the names by one shuffle each, which is not used again."""
        if len(names) <= most:
            return list(names)
        lost = {name: self._lost(found) for name, found in self.predicted(names, -1).items()}
        return sorted(lost, key=lambda name: -lost[name])[:most]

    def predicted(self, names: Sequence[str], repeat: int) -> dict[str, Floats]:
        """Name -> predictions (n,) with that column shuffled, until the time has run out."""
        found = {}
        for name in names:
            if time.perf_counter() > self._until:
                break
            # The index stays with its row: predictions are joined by it.
            shuffled = self.frame.copy(deep=False)
            shuffled[name] = self.frame[name].array.take(self._orders[repeat])
            found[name] = self._of(shuffled)
        return found

    def estimate(self, shuffled: Sequence[Floats]) -> Estimate:
        """The mean loss over the repeats, by the normal distribution.

        Where a column is shuffled a row plays two parts: it keeps its target, and it lends its
        value to another row. So it counts in a resample by the product of the draws of both, as in
        the bootstrap of a U-statistic (Janssen 1994); draws of the first part alone give intervals
        that are far too narrow.
        """
        value = float(np.mean([self._lost(found) for found in shuffled]))
        drawn = np.zeros(self._limits.resamples)
        for repeat, found in enumerate(shuffled):
            base, weights = self._resampled[repeat]
            drawn += (base - self._metric(self.truth, found, weights)) / len(shuffled)
        error = float(np.nanstd(drawn, ddof=1))
        half = quantile((1 + self._plan.confidence) / 2, None) * error
        return Estimate(value=value, low=value - half, high=value + half)

    @cached_property
    def _resampled(self) -> list[tuple[Floats, Floats]]:
        """For each repeat the untouched metric (r,) on resamples, and their weights (r, n)."""
        found = []
        for order in self._orders[:-1]:
            weights = (self._drawn * self._drawn[:, order]).astype(np.float64)
            found.append((self._metric(self.truth, self._base, weights), weights))
        return found

    def _lost(self, shuffled: Floats) -> float:
        return self._sign * (self.value - self._score(shuffled))

    def _score(self, prediction: Floats) -> float:
        return float(self._metric(self.truth, prediction, np.ones((1, self.truth.size)))[0])

    def _of(self, frame: pd.DataFrame) -> Floats:
        return prediction_of(self._predict(frame), self.truth, self._plan.task, "the model")
