"""Is a compiled form the same model? Asked on real rows, and on rows that nobody has seen yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from pennon.artifacts.engines.compiled import Column, ColumnKind, Compiled
from pennon.artifacts.engines.convert import NotCompiledError, columns_of, proven
from pennon.errors import PennonError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Exact = Callable[[pd.DataFrame], "NDArray[np.float64]"]
"""Features to predictions (n,) by the estimator itself."""
UNKNOWN = "a word that nobody has used before"
MOST_WORDS = 10_000
_FAR = (0.0, -1.0, 1e9, -1e9)
_PROBES, _CALLS = 4, 25


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a compiled form may differ: `difference` in units of `scale`, and `flips` rows.

    `scale` is 1 for a probability, the standard deviation of the target for a value. A row flips
    if it changes sides at `threshold`; None: nothing can flip.
    """

    difference: float
    flips: int
    scale: float = 1.0
    threshold: float | None = None


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Largest difference in units of the scale, flipped rows, rows that were compared."""

    difference: float
    flips: int
    rows: int

    def within(self, limits: Limits) -> bool:
        return self.difference <= limits.difference and self.flips <= limits.flips


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The file with what it was proven for, its gap to the estimator, and seconds for one row."""

    content: bytes
    gap: Gap
    seconds: float
    exact_seconds: float


def prove(content: bytes, exact: Exact, features: pd.DataFrame, limits: Limits) -> Proof:
    """Compare on `features` (n, columns) and on variations of some of its rows.

    Values that the estimator refuses, or answers otherwise, are kept from the compiled form: which,
    the file then says itself. Raises NotCompiledError where nothing is left to compare, or where
    the two differ on values that cannot be kept from it.
    """
    open_to_all = tuple(
        msgspec.structs.replace(column, empty=column.kind is ColumnKind.NUMBER)
        for column in columns_of(features)
    )
    asked = _Asked(Compiled(proven(content, open_to_all)), exact, limits)
    some = features[_fit(features, open_to_all)].head(_PROBES)
    if some.empty:
        raise NotCompiledError("every row has an empty cell that only scikit-learn can score")
    if not asked.same(some):
        raise NotCompiledError(f"it differs by more than {limits.difference:g} on the first rows")
    columns = tuple(asked.about(column, some, features) for column in open_to_all)
    content = proven(content, columns)
    compiled, rows = Compiled(content), features[_fit(features, columns)]
    made = compiled.frame(rows)
    if rows.empty or made is None:
        raise NotCompiledError("on some rows it predicts no numbers")
    apart = gap(exact(rows), made, limits)
    single = [rows.iloc[[i]] for i in range(min(len(rows), _CALLS))]
    return Proof(
        content=content,
        gap=apart,
        seconds=_seconds(compiled.frame, single),
        exact_seconds=_seconds(exact, single),
    )


def gap(wanted: NDArray[np.float64], found: NDArray[np.float64], limits: Limits) -> Gap:
    """Of two predictions (n,) for the same rows."""
    flips = 0
    if limits.threshold is not None:
        flips = int(((wanted >= limits.threshold) != (found >= limits.threshold)).sum())
    largest = float(np.abs(wanted - found).max()) / limits.scale
    return Gap(difference=largest, flips=flips, rows=len(wanted))


class _Asked:
    """Questions to a compiled form and to what it was made of."""

    def __init__(self, compiled: Compiled, exact: Exact, limits: Limits) -> None:
        self._compiled, self._exact, self._limits = compiled, exact, limits

    def about(self, column: Column, rows: pd.DataFrame, features: pd.DataFrame) -> Column:
        """The column with what may be asked of the compiled form. Raises NotCompiledError."""
        if column.kind is ColumnKind.TEXT:
            known = self.same(rows.assign(**{column.name: UNKNOWN}))
            words = None if known else frozenset(features[column.name].dropna())
            if words is not None and len(words) > MOST_WORDS:
                raise NotCompiledError(f"{column.name} has more than {MOST_WORDS} words")
            return msgspec.structs.replace(column, words=words)
        for probe in _far(rows, column.name):
            if not self.same(probe):
                raise NotCompiledError(f"it differs on unusual values of {column.name}")
        empty = _as_double(rows, column.name, np.nan)
        return msgspec.structs.replace(column, empty=self.same(empty))

    def same(self, rows: pd.DataFrame) -> bool:
        """Both answer alike, or neither does: then the estimator says why."""
        found = self._compiled.frame(rows)
        try:
            wanted = self._exact(rows)
        except Exception:  # noqa: BLE001  it refuses such rows, whatever it raises
            return found is None
        if found is None:
            return False
        scale = max(self._limits.scale, float(np.abs(wanted).max()))
        limits = msgspec.structs.replace(self._limits, scale=scale)
        return gap(wanted, found, limits).within(limits)


def _far(rows: pd.DataFrame, name: str) -> Iterator[pd.DataFrame]:
    """Numbers that training may never have seen; of a switch only its two positions."""
    values = rows[name]
    if values.dtype.kind == "b":
        yield rows.assign(**{name: ~values})
        return
    for far in _FAR:
        whole = values.dtype.kind in "iu"
        yield rows.assign(**{name: int(far)}) if whole else _as_double(rows, name, far)


def _as_double(rows: pd.DataFrame, name: str, value: float) -> pd.DataFrame:
    return rows.assign(**{name: np.full(len(rows), value)})


def _fit(features: pd.DataFrame, columns: tuple[Column, ...]) -> pd.Series[bool]:
    """The rows whose empty cells, if any, are in columns that may be empty."""
    strict = [column.name for column in columns if not column.empty]
    return features[strict].notna().all(axis=1)


def _seconds(answer: Callable[[pd.DataFrame], Any], single: list[pd.DataFrame]) -> float:
    """The median time of a row, after a first one that is not counted."""
    answer(single[0])
    found = []
    for row in single:
        start = time.perf_counter()
        answer(row)
        found.append(time.perf_counter() - start)
    return sorted(found)[len(found) // 2]


def rowwise(predict: Exact, rows: pd.DataFrame, limits: Limits) -> bool:
    """Is each of these raw rows predicted alone as among the others, as far as `limits` ask?"""
    together = predict(rows)
    try:
        alone = np.concatenate([predict(rows.iloc[[i]]) for i in range(len(rows))])
    except PennonError:  # the repository's code cannot do one row
        return False
    found = gap(together, alone, limits)
    return found.difference <= limits.difference and not found.flips
