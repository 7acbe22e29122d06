"""The search for slices whose rows have large values: all single conditions, and pairs of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.evaluation.conditions import Conditions, conditions_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]
Labels = NDArray[np.intp] | None

BLOCK = 4_000_000
"""Cells of conditions and rows that are held at once: 16 MB."""
EXAMINED = 200
"""The best slices of a search that are looked at for rows that no better one has."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What is searched: at most so many `slices`, each with `smallest` rows in either half.

    Where rows belong together, a slice has rows of so many `groups`. Slices are ranked by their
    difference less `sure` standard errors; at most so many are `shown`.
    """

    slices: int = 10_000
    columns: int = 100
    smallest: int = 50
    groups: int = 20
    shown: int = 5
    sure: float = 2.5
    seconds: float = 5.0


class Pick(NamedTuple):
    """A slice by its words and its rows (n,), searched or not; a larger score is worse."""

    words: str
    rows: Rows
    score: float


class _Condition(NamedTuple):
    column: int
    number: int


class Search:
    """Over the rows `seen` (n,) of a frame; `searched` counts slices that were large enough."""

    def __init__(self, frame: pd.DataFrame, seen: Rows, labels: Labels, limits: Limits) -> None:
        """`labels` (n,) number the group of each row, where rows belong together."""
        self.searched = 0
        self._limits, self._until = limits, time.perf_counter() + limits.seconds
        self._seen, self._labels = seen, None if labels is None else labels[seen]
        self.columns: list[Conditions] = []
        for name in frame.columns[: limits.columns]:
            if time.perf_counter() > self._until:
                break
            self.columns.append(conditions_of(str(name), frame[name], seen))
        self._codes = [it.codes[seen] for it in self.columns]
        self._conditions = [
            _Condition(i, k) for i, it in enumerate(self.columns) for k in range(len(it.words))
        ]

    def picks(self, values: Floats) -> list[Pick]:
        """Slices whose mean of `values` (n,) is above 0, the worst first.

        Each has rows of its own that are as bad, and two conditions are worse than either alone.
        """
        scored = values[self._seen]
        middle, width = float(scored.mean()), float(scored.std())
        if not self._conditions or not np.isfinite(width) or width == 0:
            return []
        rank = _Rank((scored - middle) / width, -middle / width, self._limits)
        sums = self._singles(rank.losses)
        singles = rank.scores(sums)
        kept = self._kept(singles)
        first, second = self._pairs(kept)
        both = self._sums(kept, rank.losses)[:, first, second]
        pairs = rank.scores(both)
        self.searched = max(self.searched, int(np.isfinite([*singles, *pairs]).sum()))
        for alone in (kept[first], kept[second]):
            pairs = np.where(rank.lower(both, sums[:, alone]) > 0, pairs, -np.inf)
        slices: list[tuple[int, ...]] = [(i,) for i in range(singles.size)]
        slices += zip(kept[first].tolist(), kept[second].tolist(), strict=True)
        scores = np.concatenate([singles, pairs])
        best = [i for i in np.argsort(-scores, kind="stable")[:EXAMINED] if scores[i] > 0]
        found = self._new([slices[i] for i in best], rank)
        return [self._pick(conditions, score) for conditions, score in found]

    def _singles(self, values: Floats) -> Floats:
        """(3, c): rows, sum and sum of squares of each condition."""
        weights = (np.ones_like(values), values, values**2)
        binned = [
            [np.bincount(codes, it, minlength=column.meets.shape[1]) for it in weights]
            for column, codes in zip(self.columns, self._codes, strict=True)
        ]
        parts = zip(self.columns, binned, strict=True)
        return np.hstack([np.array(of_column) @ column.meets.T for column, of_column in parts])

    def _kept(self, singles: Floats) -> NDArray[np.intp]:
        """Conditions that are paired: all that are large enough, or the worst of them."""
        order = np.argsort(-singles, kind="stable")
        order = order[np.isfinite(singles[order])]
        room = self._limits.slices - len(self._conditions)
        most = int((1 + np.sqrt(1 + 8 * max(room, 0))) / 2)  # that many have `room` pairs
        return order[: 0 if time.perf_counter() > self._until else most]

    def _pairs(self, kept: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Two of the kept, of different columns."""
        columns = np.array([self._conditions[i].column for i in kept], dtype=np.intp)
        first, second = np.triu_indices(kept.size, 1)
        apart = columns[first] != columns[second]
        return first[apart], second[apart]

    def _sums(self, kept: NDArray[np.intp], values: Floats) -> Floats:
        """(3, k, k): rows, sum and sum of squares where two of the kept conditions are met."""
        found = np.zeros((3, kept.size, kept.size))
        step = max(1, BLOCK // max(kept.size, 1))
        for start in range(0, values.size, step):
            part = slice(start, start + step)
            met = np.array([self._rows(i, part) for i in kept], dtype=np.float32)
            if met.size:
                weights = values[part].astype(np.float32)
                found += [(met * it) @ met.T for it in (np.float32(1), weights, weights**2)]
        return found

    def _rows(self, condition: int, part: slice = slice(None)) -> Rows:
        """Of the rows that are searched."""
        column, number = self._conditions[condition]
        found: Rows = self.columns[column].meets[number][self._codes[column][part]]
        return found

    def _new(
        self, slices: list[tuple[int, ...]], rank: _Rank
    ) -> Iterator[tuple[tuple[int, ...], float]]:
        """Those that are still bad without the rows of all worse ones, with their scores."""
        left = np.ones(rank.losses.size, dtype=bool)
        found = 0
        for conditions in slices:
            rows = np.logical_and.reduce([self._rows(i) for i in conditions])
            own = rows & left
            if 2 * own.sum() < rows.sum() or not self._has_groups(rows):
                continue
            if rank.score(own) > 0:
                yield conditions, rank.score(rows)
                left &= ~rows
                found += 1
            if found == self._limits.shown:
                return

    def _has_groups(self, rows: Rows) -> bool:
        if self._labels is None:
            return True
        return bool(np.unique(self._labels[rows]).size >= self._limits.groups)

    def _pick(self, conditions: tuple[int, ...], score: float) -> Pick:
        parts = [
            (self.columns[self._conditions[i].column], self._conditions[i].number)
            for i in conditions
        ]
        rows = np.logical_and.reduce([column.rows(number) for column, number in parts])
        return Pick(" and ".join(column.words[k] for column, k in parts), rows, score)


class _Rank(NamedTuple):
    """How bad slices are: by `losses` (n,) of mean 0 and width 1, beside the number `at`."""

    losses: Floats
    at: float
    limits: Limits

    def scores(self, sums: Floats) -> Floats:
        """Of slices by their sums (3, s): the lower end of each difference, -inf if too small."""
        mean, variance, enough = self._mean(sums)
        return np.where(enough, mean - self.at - self.limits.sure * np.sqrt(variance), -np.inf)

    def score(self, inside: Rows) -> float:
        """The same of the rows `inside` (n,)."""
        lost = self.losses[inside]
        return float(self.scores(np.array([[lost.size], [lost.sum()], [lost @ lost]]))[0])

    def lower(self, sums: Floats, among: Floats) -> Floats:
        """The lower end of the difference of each slice from the rest of the rows `among`."""
        mean, variance, enough = self._mean(sums)
        beside, more, others = self._mean(among - sums)
        found = mean - beside - self.limits.sure * np.sqrt(variance + more)
        return np.where(enough & others, found, -np.inf)

    def _mean(self, sums: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """The mean, its variance, and whether there are enough rows."""
        rows = np.maximum(sums[0], 1)
        mean = sums[1] / rows
        variance = np.maximum(sums[2] / rows - mean**2, 0) / rows
        return mean, variance, sums[0] >= self.limits.smallest
