"""What does each column add to a prediction? Shapley values of the inputs, for any model.

Štrumbelj and Kononenko (2010), Lundberg and Lee (2017), sampled as in Castro et al. (2009) with
each order and its reverse (Mitchell et al. 2022). They add up to the prediction without rest; where
a model adds its columns up, or joins no more than two of them, they are exact for the background.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.errors import EvaluationError, PennonError
from pennon.evaluation.aspects import Estimate
from pennon.evaluation.closed import mean, ranks
from pennon.evaluation.insight import Contribution, Explanation
from pennon.evaluation.plan import Plan
from pennon.evaluation.strength import as_numbers, correlation

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Order = NDArray[np.intp]
Predict = Callable[["pd.DataFrame"], Floats]

CELLS = 2_000_000
"""Of the rows that are predicted at once, or those of one background row if they are more."""
COLUMNS = 200
"""More columns are too many: each row asks for the square of them."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
METHOD = (
    "Shapley values of the input columns, sampled: rows of the training data turn into the "
    "explained ones column by column, in random orders and their reverse. They add up to the "
    "prediction. Columns that say the same share what they add."
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What it may cost. `seconds` are looked at between rounds: a round for each background row."""

    rows: int = 300
    background: int = 50
    features: int = 30
    seconds: float = 5.0


class Contributions(NamedTuple):
    """`added` (n, columns) of each row add up to its prediction less `base`.

    `base` is the mean prediction of so many rows of `background` as there was time for.
    """

    names: tuple[str, ...]
    added: Floats
    base: float
    background: int


def contributions(
    predict: Predict,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    seed: int = 0,
    seconds: float = float("inf"),
) -> Contributions:
    """What each column of `rows` (n, columns) adds to their predictions, beside the background.

    `predict` takes rows of such a frame and gives (n,); it gets rows that mix one of `rows` with
    one of `background`, which has the same columns and types. Raises EvaluationError where there
    are no rows, or so many columns that no sample would tell anything.
    """
    if rows.empty or background.empty:
        raise EvaluationError("there is no row to explain, or none to compare it with")
    if rows.shape[1] > COLUMNS:
        raise EvaluationError(f"{rows.shape[1]} columns are too many to explain: {COLUMNS} are not")
    until = time.perf_counter() + seconds
    mix = _Mix(predict, rows, background)
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(rows.shape[1]) for _ in range(len(background))]
    step = max(1, CELLS // (2 * rows.size * (rows.shape[1] + 1)))
    total, base, done = np.zeros(rows.shape), 0.0, 0
    while done < len(orders) and (not done or time.perf_counter() < until):
        others = range(done, min(done + step, len(orders)))
        added, start = mix.walks([orders[i] for i in others], others)
        total, base, done = total + added, base + start, others.stop
    return Contributions(tuple(map(str, rows.columns)), total / done, base / done, done)


class _Mix:
    """Rows that take some columns from one row and the rest from another."""

    def __init__(self, predict: Predict, rows: pd.DataFrame, background: pd.DataFrame) -> None:
        import pandas as pd  # noqa: PLC0415  only where there are rows

        self._predict, self._count = predict, len(rows)
        self._pool = pd.concat([rows, background], ignore_index=True)

    def walks(self, orders: Sequence[Order], others: Sequence[int]) -> tuple[Floats, float]:
        """What each column adds (n, columns) as rows turn from other ones into themselves.

        Summed over the others, each with its order and the reverse, which count for one half. With
        it the sum of the predictions of the others.
        """
        paths = [path for order in orders for path in (order, order[::-1])]
        starts = np.repeat(np.asarray(others), 2) + self._count
        found = self._along(paths, starts)
        added = np.zeros((self._count, paths[0].size))
        for path, at in zip(paths, found, strict=True):
            added[:, path] += np.diff(at, axis=1) / 2
        return added, float(found[:, 0, 0].sum()) / 2

    def _along(self, paths: Sequence[Order], starts: Order) -> Floats:
        """Predictions (paths, n, columns + 1) at each step of each way."""
        import pandas as pd  # noqa: PLC0415  as above

        columns = paths[0].size
        steps = np.argsort(paths, axis=1)  # (paths, columns): when a column becomes the row's own
        ways, own = np.arange(columns + 1), np.arange(self._count)
        shape = (len(paths), self._count, columns + 1)
        made = {}
        for i, name in enumerate(self._pool.columns):
            turned = ways > steps[:, i, None, None]
            taken = np.where(turned, own[:, None], starts[:, None, None])
            made[name] = self._pool[name].array.take(np.broadcast_to(taken, shape).ravel())
        return np.asarray(self._predict(pd.DataFrame(made)), dtype=np.float64).reshape(shape)


def explain(
    plan: Plan,
    predict: Predict,
    frame: pd.DataFrame,
    background: pd.DataFrame,
    *,
    limits: Limits | None = None,
) -> Explanation:
    """The contributions of columns to predictions of `frame` (n, columns), over a sample of rows.

    `background` are rows with the same columns, of the training data. The same seed gives the same
    numbers, unless the time runs out. Where the model refuses mixed rows, the record says why.
    """
    limits, start = limits or Limits(), time.perf_counter()
    rows = _some(frame, limits.rows, plan.seed)
    others = _some(background, limits.background, plan.seed)
    empty = Explanation(
        rows=0,
        background=0,
        base=0.0,
        quantiles=QUANTILES,
        seed=plan.seed,
        seconds=0.0,
        confidence=plan.confidence,
        method=METHOD,
    )
    try:
        found = contributions(predict, rows, others, seed=plan.seed, seconds=limits.seconds)
    except PennonError as error:
        return msgspec.structs.replace(empty, why=error.what)
    parts = [
        _contribution(plan, name, found.added[:, i], rows[column])
        for i, (name, column) in enumerate(zip(found.names, rows.columns, strict=True))
    ]
    ordered = sorted(parts, key=lambda it: -it.size.value)
    return msgspec.structs.replace(
        empty,
        rows=len(rows),
        background=found.background,
        base=found.base,
        seconds=round(time.perf_counter() - start, 3),
        features=tuple(ordered[: limits.features]),
        left_out=max(0, len(ordered) - limits.features),
    )


def _some(frame: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    if len(frame) <= most:
        return frame
    kept = np.random.default_rng(seed).choice(len(frame), most, replace=False)
    return frame.iloc[np.sort(kept)]


def _contribution(plan: Plan, name: str, added: Floats, values: pd.Series) -> Contribution:
    noise = mean(np.abs(added))
    low, high = noise.interval(plan.confidence) if added.size > 1 else (noise.center, noise.center)
    numbers = as_numbers(values)
    known = np.zeros(0, dtype=bool) if numbers is None else np.isfinite(numbers)
    rises = None
    if numbers is not None and np.unique(numbers[known]).size > 1:
        rises = correlation(ranks(numbers[known]), ranks(added[known]))
    return Contribution(
        name=name,
        size=Estimate(value=noise.center, low=max(low, 0.0), high=high),
        quantiles=tuple(float(q) for q in np.quantile(added, QUANTILES)),
        rises=rises,
    )
