"""Rows by the value of a column: the commonest values, empty cells as a value of their own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_GROUPS = 30
"""Values that are looked at one by one, the commonest first."""
MOST_NUMBERS = 12
"""Different numbers beyond which a column is cut into quarters."""
EMPTY = "(empty)"


class Groups(NamedTuple):
    """`codes` (n,) number the group of each row, -1 where it is in none; the rest (groups,)."""

    codes: NDArray[np.intp]
    names: list[str]
    rows: NDArray[np.intp]
    judged: NDArray[np.bool_]
    smallest: int
    left_out: int


def groups_of(values: Any, smallest: int) -> Groups:  # noqa: ANN401  any column
    """Groups of `values` (n,), the commonest first; those below `smallest` rows are not judged."""
    series = pd.Series(values).reset_index(drop=True)
    if _is_many_numbers(series):
        series = _quarters(series)
    found, uniques = pd.factorize(series)
    names = [str(unique) for unique in uniques]
    if (found < 0).any():
        found = np.where(found < 0, len(names), found)
        names.append(EMPTY)
    rows = np.bincount(found, minlength=len(names))
    order = np.argsort(-rows, kind="stable")[:MOST_GROUPS]
    place = np.full(len(names), -1)
    place[order] = np.arange(order.size)
    return Groups(
        codes=place[found],
        names=[names[i] for i in order],
        rows=rows[order],
        judged=rows[order] >= smallest,
        smallest=smallest,
        left_out=len(names) - order.size,
    )


def _is_many_numbers(series: pd.Series) -> bool:
    numeric = pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series)
    return bool(numeric) and series.nunique() > MOST_NUMBERS


def _quarters(series: pd.Series) -> pd.Series:
    """Each number as the quarter that it lies in: `[18, 35)`; the last one has both its ends."""
    numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
    edges = np.unique(np.nanquantile(numbers, (0, 0.25, 0.5, 0.75, 1)))
    texts = _texts(edges)
    last = len(edges) - 2
    names = [f"[{texts[i]}, {texts[i + 1]}{')' if i < last else ']'}" for i in range(last + 1)]
    which = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, last)
    which[np.isnan(numbers)] = -1
    return pd.Series(pd.Categorical.from_codes(which, pd.Index(names)))


def _texts(edges: NDArray[np.float64]) -> list[str]:
    """As few digits as tell them apart, but not fewer than six."""
    for digits in range(6, 17):
        texts = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(texts)) == len(texts):
            return texts
    return [repr(float(edge)) for edge in edges]
