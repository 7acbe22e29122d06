"""Conditions on one column that rows can meet: a common value, a quarter, a half, an empty cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pennon.evaluation.strength import as_numbers

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

MOST_VALUES, MOST_NUMBERS = 10, 12
"""Values that are conditions, the commonest first; numbers beyond which a column has quarters."""
LONGEST = 80
_DAY = 86_400


class Conditions(NamedTuple):
    """`words` name each of c; `meets` (c, bins) says which bins of `codes` (n,) meet it."""

    words: list[str]
    meets: NDArray[np.bool_]
    codes: Codes

    def rows(self, i: int) -> NDArray[np.bool_]:
        """(n,): which rows meet a condition."""
        found: NDArray[np.bool_] = self.meets[i][self.codes]
        return found


def conditions_of(name: str, values: pd.Series, seen: NDArray[np.bool_]) -> Conditions:
    """What can be asked of a column `values` (n,) of any content.

    Only the rows `seen` (n,) tell which values are common, and where a quarter ends.
    """
    values = values.reset_index(drop=True)
    moments = pd.api.types.is_datetime64_any_dtype(values)
    numbers = _seconds(values) if moments else as_numbers(values)
    known = np.array([]) if numbers is None else numbers[seen & np.isfinite(numbers)]
    if numbers is None or pd.api.types.is_bool_dtype(values) or _are_few(known):
        return _by_value(name, values, seen)
    return _by_quarter(name, numbers, known, moments=moments)


def _are_few(known: Floats) -> bool:
    return bool(np.unique(known).size <= MOST_NUMBERS)


def _by_value(name: str, values: pd.Series, seen: NDArray[np.bool_]) -> Conditions:
    """The commonest values; those that read alike are one."""
    try:
        codes, uniques = pd.factorize(values)
    except TypeError:  # lists and the like
        codes, uniques = pd.factorize(values.map(str, na_action="ignore"))
    empty, other = len(uniques), len(uniques) + 1
    codes = np.where(codes < 0, empty, codes)
    counts = np.bincount(codes[seen], minlength=empty + 1)[: empty + 1]
    common = [int(i) for i in np.argsort(-counts, kind="stable")[:MOST_VALUES] if counts[i]]
    bins = np.full(other, len(common))
    bins[common] = np.arange(len(common))
    said = [f"{name} is empty" if i == empty else f"{name}={_text(uniques[i])}" for i in common]
    words = list(dict.fromkeys(said))
    meets = np.zeros((len(words), len(common) + 1), dtype=bool)
    for place, word in enumerate(said):
        meets[words.index(word), place] = True
    return Conditions(words, meets, bins[codes])


def _text(value: object) -> str:
    if isinstance(value, float | np.floating):
        return f"{value:.15g}"
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _by_quarter(name: str, numbers: Floats, known: Floats, *, moments: bool) -> Conditions:
    """Quarters of about equally many rows, their halves, and empty cells.

    An edge is rounded before rows are told by it: the words mean what they say.
    """
    exact = np.unique(np.quantile(known, (0.25, 0.5, 0.75)))
    edges, texts = _days(exact) if moments else _short(exact)
    bins = np.searchsorted(edges, numbers, side="left")  # an edge belongs to what is below it
    last = len(edges)
    bins[np.isnan(numbers)] = last + 1
    words = [f"{name} ≤ {texts[0]}"]
    words += [f"{texts[i - 1]} < {name} ≤ {texts[i]}" for i in range(1, last)]
    words += [f"{name} > {texts[-1]}", f"{name} is empty"]
    meets = np.eye(last + 2, dtype=bool)
    if last > 2:  # noqa: PLR2004  three edges make two halves
        halves = np.zeros((2, last + 2), dtype=bool)
        halves[0, :2] = halves[1, 2:4] = True
        meets = np.vstack([meets, halves])
        words += [f"{name} ≤ {texts[1]}", f"{name} > {texts[1]}"]
    return Conditions(words, meets, bins)


def _short(exact: Floats) -> tuple[Floats, list[str]]:
    """As few digits as keep the edges apart, but not fewer than three."""
    for digits in range(3, 18):
        edges = np.array([float(f"{edge:.{digits}g}") for edge in exact])
        if np.unique(edges).size == exact.size:
            return edges, [_plain(edge, digits) for edge in edges]
    return exact, [repr(float(edge)) for edge in exact]


def _plain(edge: float, digits: int) -> str:
    """Without an exponent where people would write none."""
    text = f"{edge:.{digits}g}"
    return f"{edge:.0f}" if "e+" in text and abs(edge) < 1e9 else text  # noqa: PLR2004


def _days(exact: Floats) -> tuple[Floats, list[str]]:
    """Midnights where they keep the edges apart."""
    days = np.floor(exact / _DAY) * _DAY
    whole = np.unique(days).size == exact.size
    edges = days if whole else np.floor(exact)
    shape = "%Y-%m-%d" if whole else "%Y-%m-%d %H:%M:%S"
    return edges, [pd.Timestamp(int(edge), unit="s").strftime(shape) for edge in edges]


def _seconds(values: pd.Series) -> Floats:
    """(n,) since 1970 in UTC; NaN for empty cells."""
    index = pd.DatetimeIndex(values)
    whole = index.tz_convert(None).as_unit("s") if index.tz else index.as_unit("s")
    found: Floats = np.where(values.isna(), np.nan, whole.asi8.astype(np.float64))
    return found
