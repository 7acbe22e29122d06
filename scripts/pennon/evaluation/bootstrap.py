"""The paired bootstrap: the same draws of rows, or of groups of rows, for every model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pennon.evaluation.metrics import RANKED, SUMS

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

CELLS = 4_000_000
"""Weights held at once: 32 MB, whatever the number of rows."""
MOST_GROUPS = 20_000
"""More rows than that are dealt at random into as many groups, and groups are drawn: a sum over
rows varies as much, and 2,000 resamples of a million rows cost no million draws each.
"""


def resample(
    names: Sequence[str],
    truth: Floats,
    predictions: Sequence[Floats],
    *,
    groups: NDArray[Any] | None,
    draws: tuple[int, int, float],
) -> tuple[Floats, int]:
    """(models, metrics, resamples), and how many groups were drawn from.

    `draws` are resamples, seed and threshold. Poisson(1) weights are the bootstrap without an index
    take: Hanley and MacGibbon (2006), Chamandy et al. (2012). `groups` (n,) labels rows that belong
    together (a customer, a day): they are drawn together (Field and Welsh 2007).
    """
    resamples, seed, threshold = draws
    generator = np.random.default_rng(seed)
    is_ranked = any(name in RANKED for name in names)
    labels = _labels(truth.size, groups, generator, keep=is_ranked)
    count = int(labels.max()) + 1
    found = np.empty((len(predictions), len(names), resamples))
    scorers = [
        [_scorer(name, (truth, prediction, threshold), labels) for name in names]
        for prediction in predictions
    ]
    widest = max(count, truth.size if is_ranked else 0)
    for start, weights in _weights(generator, resamples, count, max(1, CELLS // widest)):
        for j, of_model in enumerate(scorers):
            for i, score in enumerate(of_model):
                found[j, i, start : start + len(weights)] = score(weights)
    return found, count


def _labels(
    rows: int, groups: NDArray[Any] | None, generator: np.random.Generator, *, keep: bool
) -> Labels:
    """A number for each row's group. `keep`: rows of their own, however many there are."""
    if groups is not None:
        return np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
    if keep or rows <= MOST_GROUPS:
        return np.arange(rows)
    return generator.permutation(rows) % MOST_GROUPS


def _weights(
    generator: np.random.Generator, resamples: int, count: int, block: int
) -> Iterator[tuple[int, Floats]]:
    """Drawn in blocks: memory does not grow with resamples or rows."""
    for start in range(0, resamples, block):
        size = (min(block, resamples - start), count)
        yield start, generator.poisson(1.0, size).astype(np.float64)


Scorer = Callable[[Floats], Floats]
"""Weights (resamples, groups) -> (resamples,)."""


def _scorer(name: str, rows: tuple[Floats, Floats, float], labels: Labels) -> Scorer:
    truth, prediction, threshold = rows
    if name in RANKED:
        ranked, apart = RANKED[name], labels.size == labels.max() + 1
        return lambda weights: ranked(truth, prediction, weights if apart else weights[:, labels])
    it = SUMS[name]
    columns = it.columns(truth, prediction, threshold).T
    summed = np.stack([np.bincount(labels, weights=column) for column in columns], axis=1)
    return lambda weights: it.combine(weights @ summed)
