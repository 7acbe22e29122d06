"""Two recipes, each trained again and again on other draws of the rows.

One training is one draw: two models of the same recipe differ truly. An interval over draws covers
that luck too, and its test rows change with them. Nadeau and Bengio (2003), "Inference for the
Generalization Error", Machine Learning 52: the draws overlap, so their variance is too small by the
rows that they share, and is corrected by test rows / training rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pennon.errors import EvaluationError
from pennon.evaluation.aspects import Draws
from pennon.evaluation.estimate import Noise
from pennon.evaluation.names import metric as metric_of

SHARE = 0.2
"""Of the rows, those that test a draw."""

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class Split(NamedTuple):
    """Positions of the rows that train, and of those that test."""

    train: Rows
    test: Rows


def splits(rows: int, times: int, seed: int, groups: NDArray[Any] | None = None) -> Iterator[Split]:
    """`times` random divisions of `rows`; rows of one of the `groups` (n,) stay together."""
    labels = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(labels.max()) + 1 if rows else 0
    for i in range(times):
        tested = np.random.default_rng((seed, i)).permutation(count)[: round(count * SHARE)]
        inside = np.isin(labels, tested)
        if not inside.any() or inside.all():
            raise EvaluationError(
                f"{count} rows or groups cannot be divided", hint="leave `draws` out of pennon.yaml"
            )
        yield Split(np.flatnonzero(~inside), np.flatnonzero(inside))


def nadeau_bengio(differences: Sequence[float], share: float) -> Noise:
    """The noise of the mean difference; `share` is test rows / training rows of a draw."""
    values = np.asarray(differences, dtype=np.float64)
    corrected = (1 / values.size + share) * float(values.var(ddof=1))
    return Noise(center=float(values.mean()), error=sqrt(corrected), df=values.size - 1)


def drawn(metric: str, against: str, scored: Sequence[Floats], sizes: tuple[int, int]) -> Draws:
    """The metric of our recipe and of theirs in each draw (times,).

    `sizes`: training and test rows of a draw. Raises EvaluationError where it is not defined.
    """
    ours, theirs = scored
    if not np.isfinite([*ours, *theirs]).all():
        raise EvaluationError(
            f"{metric} is not defined in some draw", hint="more rows, or no `draws` in pennon.yaml"
        )
    it = metric_of(metric)
    train, test = sizes
    return Draws(
        metric=it.name,
        against=against,
        times=int(ours.size),
        train_rows=train,
        test_rows=test,
        candidate=float(ours.mean()),
        reference=float(theirs.mean()),
        noise=nadeau_bengio((ours - theirs).tolist(), test / train),
    )
