"""Units of a split in the order of time, gathered into blocks for `sequential`. Pure.

And is the split itself sound: as many units in each arm as its share says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import floor, lgamma, log
from typing import NamedTuple

from pennon.evaluation.sequential import Block, Pairs

LEVELS = 64
"""Values between 0 and 1 are kept as multiples of 1/64: their count is all that is remembered."""
GROWTH = 1.05
"""A block ends when there is a twentieth more than before it: some 300 blocks in a million."""


class Unit(NamedTuple):
    """A request, or a key: `value` in [0, 1]; of a pair the difference, in [-1, 1]."""

    share: float
    challenger: bool
    value: float


def level(value: float, chance: float) -> float:
    """The multiple of 1/64 below or above, at random, so that the mean stays what it is.

    `chance` in [0, 1) is the unit's own.
    """
    scaled = value * LEVELS
    low = floor(scaled)
    return (low + (chance < scaled - low)) / LEVELS


def blocks(units: Iterable[Unit]) -> Iterator[Block]:
    """Units in an order that says nothing of their values; a new share is a new block."""
    for share, live, challenger in _gathered(units):
        yield Block(share, live, challenger)


def pairs(units: Iterable[Unit]) -> Iterator[Pairs]:
    """The same of units that both versions answered."""
    for _, live, _ in _gathered(it._replace(challenger=False) for it in units):
        yield Pairs(live)


def uneven(counts: Iterable[tuple[float, int, int]]) -> float:
    """Evidence (a logarithm, as in `sequential`) that the split is not the one that was asked for.

    `counts` are (share, challenger's units, live units). The share against all others, by a beta
    distribution around it: Lindon and Malek 2022, "Anytime-valid inference for multinomial count
    data", NeurIPS.
    """
    return sum(_against(*it) for it in counts)


def _against(share: float, challenger: int, live: int) -> float:
    weight = 10 / (share * (1 - share))
    a, b = weight * share, weight * (1 - share)
    mixed = _beta(a + challenger, b + live) - _beta(a, b)
    return mixed - challenger * log(share) - live * log(1 - share)


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _gathered(
    units: Iterable[Unit],
) -> Iterator[tuple[float, Counter[float], Counter[float]]]:
    live: Counter[float] = Counter()
    challenger: Counter[float] = Counter()
    before, here = 0, 0
    last: Unit | None = None
    for it in units:
        full = before + here >= max(before * GROWTH, before + 1)
        if last and (full or it.share != last.share):
            yield last.share, live, challenger
            live, challenger = Counter(), Counter()
            before, here = before + here, 0
        (challenger if it.challenger else live)[it.value] += 1
        here += 1
        last = it
    if last:
        yield last.share, live, challenger
