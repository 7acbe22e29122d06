"""Noise in closed form, where a metric's distribution is known: no resample is drawn.

All functions take rows that are independent of each other; clustered rows need the bootstrap.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pennon.evaluation.estimate import Noise

Floats = NDArray[np.float64]


def share(hits: NDArray[np.bool_]) -> Noise:
    """Of a proportion of hits (n,): two hits and two misses are added (Agresti and Coull 1998)."""
    n = hits.size + 4
    p = (float(hits.sum()) + 2) / n
    return Noise(center=p, error=sqrt(p * (1 - p) / n))


def share_difference(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> Noise:
    """Of the difference of two proportions over the same rows (n,), ours - theirs.

    Bonett and Price (2012): one pair is added to each discordant cell.
    """
    n = ours.size + 2
    only_ours = (float((ours & ~theirs).sum()) + 1) / n
    only_theirs = (float((theirs & ~ours).sum()) + 1) / n
    difference = only_ours - only_theirs
    error = sqrt((only_ours + only_theirs - difference**2) / n)
    return Noise(center=difference, error=error)


def mcnemar(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float:
    """Exact two-sided p-value that both hit equally often: a binomial test of discordant pairs."""
    from scipy.special import bdtr  # noqa: PLC0415  a promotion never needs it

    only_ours, only_theirs = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    discordant = only_ours + only_theirs
    if discordant == 0:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(only_ours, only_theirs), discordant, 0.5)))


def mean(values: Floats) -> Noise:
    """Of a mean over rows (n,): the t interval."""
    error = float(values.std(ddof=1)) / sqrt(values.size) if values.size > 1 else float("inf")
    return Noise(center=float(values.mean()), error=error, df=max(values.size - 1, 1))


def areas(truth: Floats, predictions: list[Floats]) -> tuple[Floats, NDArray[np.float64]]:
    """ROC AUC of each model (m,) and the covariance of them (m, m).

    DeLong, DeLong and Clarke-Pearson (1988), by midranks in O(n log n): Sun and Xu (2014).
    """
    positive = truth > 0
    m, n = int(positive.sum()), int((~positive).sum())
    above = np.empty((len(predictions), m))
    below = np.empty((len(predictions), n))
    for i, prediction in enumerate(predictions):
        of_all = ranks(prediction)
        above[i] = (of_all[positive] - ranks(prediction[positive])) / n
        below[i] = 1 - (of_all[~positive] - ranks(prediction[~positive])) / m
    covariance = np.atleast_2d(_cov(above) / m + _cov(below) / n)
    return above.mean(axis=1), covariance


def area(truth: Floats, prediction: Floats) -> Noise:
    """Of the ROC AUC of one model."""
    values, covariance = areas(truth, [prediction])
    return Noise(center=float(values[0]), error=sqrt(max(float(covariance[0, 0]), 0.0)))


def area_difference(truth: Floats, ours: Floats, theirs: Floats) -> Noise:
    """Of the difference of two ROC AUCs over the same rows, ours - theirs."""
    values, covariance = areas(truth, [ours, theirs])
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return Noise(center=float(values[0] - values[1]), error=sqrt(max(float(variance), 0.0)))


def _cov(values: NDArray[Any]) -> NDArray[Any]:
    """Of rows; zero where one row has a single value: nothing varies."""
    if values.shape[1] < 2:  # noqa: PLR2004
        return np.zeros((values.shape[0], values.shape[0]))
    return np.cov(values)


def ranks(values: Floats) -> Floats:
    """Ranks (n,) of values (n,), from 1; equal values share the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    ends = np.append(starts[1:], values.size)
    ranks = np.empty(values.size)
    ranks[order] = np.repeat((starts + ends + 1) / 2, ends - starts)
    return ranks
