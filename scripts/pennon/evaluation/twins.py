"""Rows that are the same but for rounding, found by a number that stands for each row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pennon.evaluation.strength import as_numbers

Hashes = NDArray[np.uint64]

CELL = 1e-3
"""Numbers are the same within this share of their middle half's width."""
_SHIFTS = (0.0, 0.5)
"""Two grids: numbers that an edge of the one parts lie in one cell of the other."""


def row_hashes(frame: pd.DataFrame) -> list[Hashes]:
    """For each of two grids a number (n,) for each row of `frame` (n, columns).

    Rows that are alike in all columns share a number on at least one of the grids, but for numbers
    that happen to lie on an edge in several columns. Other rows share one by chance once in 2^64.
    """
    found = [np.zeros(len(frame), dtype=np.uint64) for _ in _SHIFTS]
    for i, name in enumerate(frame.columns):
        codes = _codes(frame[name])
        found = [_joined(*pair, salt=i + 1) for pair in zip(found, codes, strict=True)]
    return found


def _codes(values: pd.Series) -> list[NDArray[np.int64]]:
    """A whole number for each value, for each grid."""
    numbers = as_numbers(values)
    if numbers is None:
        return [pd.factorize(values)[0].astype(np.int64)] * len(_SHIFTS)
    known = np.isfinite(numbers)
    cell = CELL * _width(numbers[known]) or 1.0
    clean = np.where(known, numbers, 0.0)
    grids = [np.floor(np.clip(clean / cell + shift, -(2.0**62), 2.0**62)) for shift in _SHIFTS]
    return [np.where(known, grid, -(2.0**63)).astype(np.int64) for grid in grids]


def _width(numbers: NDArray[np.float64]) -> float:
    """Of the middle half; of all where the middle half is one number."""
    least, low, high, most = np.quantile(numbers, (0, 0.25, 0.75, 1)) if numbers.size else [0.0] * 4
    return float(high - low or most - least)


def _joined(hashes: Hashes, codes: NDArray[np.int64], *, salt: int) -> Hashes:
    """One more column in the number of each row; equal codes of two columns count as different."""
    apart = np.uint64(salt * 0x9E3779B97F4A7C15 % 2**64)
    return _stirred(hashes ^ _stirred(codes.view(np.uint64) + apart))


def _stirred(hashes: Hashes) -> Hashes:
    """One to one: the last step of splitmix64 (Steele, Lea and Flood 2014)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def among(hashes: list[Hashes], others: list[Hashes]) -> NDArray[np.bool_]:
    """(n,): is the row among the others, on one of the grids?"""
    pairs = zip(hashes, others, strict=True)
    twins = [pd.Series(mine).isin(theirs).to_numpy() for mine, theirs in pairs]
    found: NDArray[np.bool_] = np.logical_or.reduce(twins)
    return found


def repeated(hashes: list[Hashes]) -> NDArray[np.bool_]:
    """(n,): is there another such row?"""
    found = [pd.Series(it).duplicated(keep=False).to_numpy() for it in hashes]
    twice: NDArray[np.bool_] = np.logical_or.reduce(found)
    return twice
