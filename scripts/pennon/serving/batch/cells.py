"""A chunk's rows with the types that training saw, and which of its rows are none."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pennon.config import Column, Kind
from pennon.datasets.contract import is_kind
from pennon.datasets.frame import PLAIN, READ, typed
from pennon.errors import DataError
from pennon.serving.batch.plan import Chunk, Plan, Want
from pennon.serving.batch.split import masked

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_QUICK = {**READ, **PLAIN}
"""Where nothing may be empty: several times faster. Other spellings (7.0) are read the slow way."""


class Bad(NamedTuple):
    """A row that cannot be scored, by its place in the chunk."""

    at: int
    column: str
    what: str


class Rows(Protocol):
    """A chunk's rows by their place in it. A second kind is in `parquet`."""

    total: int  # rows, the bad ones included

    @property
    def bad(self) -> list[Bad]:
        """What is no row of the table at all."""

    def frame(
        self, wants: tuple[Want, ...], without: frozenset[int], *, text: bool
    ) -> pd.DataFrame:
        """The columns, indexed by place; as text, or typed as far as the values allow it."""

    def kept(self, names: tuple[str, ...], frame: pd.DataFrame) -> list[Any]:
        """Columns as they are in the file, for the rows of the typed frame."""

    def cells(self, at: int) -> list[str]:
        """All cells of a row."""


class CsvRows:
    def __init__(self, plan: Plan, chunk: Chunk) -> None:
        import numpy as np  # noqa: PLC0415  only where there are rows

        self._plan, self._data = plan, chunk.data
        real = np.frombuffer(masked(chunk.data), dtype=np.uint8)
        self._ends = np.flatnonzero(real == ord("\n")) + 1
        self._starts = np.concatenate(([0], self._ends[:-1]))
        commas = np.searchsorted(np.flatnonzero(real == ord(",")), self._ends)
        self._cells = np.diff(commas, prepend=0) + 1
        self._some = ~self._blank(real)
        self.total = int(self._some.sum())

    @cached_property
    def bad(self) -> list[Bad]:
        """Rows with another number of cells: read anyway, they would be shifted or half empty."""
        import numpy as np  # noqa: PLC0415  as above

        expected = len(self._plan.names)
        odd = np.flatnonzero(self._some & (self._cells != expected))
        what = "cells, the first line names"
        return [Bad(int(at), "", f"has {self._cells[at]} {what} {expected}") for at in odd]

    def frame(
        self, wants: tuple[Want, ...], without: frozenset[int], *, text: bool
    ) -> pd.DataFrame:
        if text:
            return self._read({want.name: "str" for want in wants}, without)
        kept = dict.fromkeys(self._plan.job.keep, "str")
        nullable: dict[str, str] = kept | {want.name: READ[want.kind] for want in wants}
        plain = {it.name: _QUICK[it.kind] for it in wants if not it.optional}
        try:
            return self._read(nullable | plain, without)
        except (ValueError, TypeError):
            return self._read(nullable, without)

    def kept(self, names: tuple[str, ...], frame: pd.DataFrame) -> list[Any]:
        typed_as_other = {it.name for it in self._plan.wants if it.kind is not Kind.STRING}
        again = dict.fromkeys((name for name in names if name in typed_as_other), "str")
        # 007 and 1.50 are not what they would be written as: their text is read a second time.
        texts = self._read(again, frozenset()).loc[frame.index] if again else frame
        return [(texts if it in again else frame)[it].fillna("").tolist() for it in names]

    def cells(self, at: int) -> list[str]:
        line = self._data[self._starts[at] : self._ends[at]].decode(errors="replace")
        return next(csv.reader(io.StringIO(line, newline="")), [])

    def _blank(self, real: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Lines without anything are no rows, unless the table has one column."""
        import numpy as np  # noqa: PLC0415  as above

        size = self._ends - self._starts
        if len(self._plan.names) == 1:
            return np.zeros(len(size), dtype=np.bool_)
        found: NDArray[np.bool_] = (size == 1) | ((size == 2) & (real[self._starts] == ord("\r")))  # noqa: PLR2004  with the line's end
        return found

    def _read(self, types: Mapping[str, str], without: frozenset[int]) -> pd.DataFrame:
        """Raises ValueError where a cell is not of its type."""
        import pandas as pd  # noqa: PLC0415  as above

        places, data = self._left(without)
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            found = pd.read_csv(
                io.BytesIO(self._plan.header + data),
                dtype=dict(types),
                usecols=list(types),
                keep_default_na=False,
                na_values=[""],
                index_col=False,
                skip_blank_lines=False,
                low_memory=False,
            )
        if len(found) != len(places):
            raise DataError(
                f"{self._plan.file}: {len(places)} rows went in, {len(found)} were read",
                hint="its lines have to end with \\n or \\r\\n, and nothing else may",
            )
        if len(places) != len(self._ends):
            found.index = pd.Index(places)
        return found

    def _left(self, without: frozenset[int]) -> tuple[NDArray[np.int64], bytes]:
        import numpy as np  # noqa: PLC0415  as above

        left = self._some.copy()
        left[[*without, *(it.at for it in self.bad)]] = False
        places = np.flatnonzero(left)
        if left.all():
            return places, self._data
        view = memoryview(self._data)
        return places, b"".join([view[self._starts[at] : self._ends[at]] for at in places])


def good(rows: Rows, wants: tuple[Want, ...]) -> tuple[pd.DataFrame, list[Bad]]:
    """The rows that can be scored, typed, and the others, in their order.

    Raises DataError where the file cannot be read at all.
    """
    import pandas as pd  # noqa: PLC0415  only where there are rows

    bad = {it.at: it for it in rows.bad}
    try:
        found = _typed(rows, wants, frozenset(bad))
        if found is None:
            text = rows.frame(wants, frozenset(bad), text=True)
            bad |= _first(it for want in wants for it in _odd(text[want.name], want))
            found = _typed(rows, wants, frozenset(bad))
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}") from None
    if found is None:
        raise DataError("values are of other types than the contract names")
    more = _first(it for want in wants for it in _wrong(found[want.name], want))
    return found.drop(index=list(more)) if more else found, sorted((bad | more).values())


def _typed(rows: Rows, wants: tuple[Want, ...], without: frozenset[int]) -> pd.DataFrame | None:
    """None where a value is not of its type."""
    try:
        found = rows.frame(wants, without, text=False)
    except (ValueError, TypeError):
        return None
    columns = {
        it.name: Column(type=it.kind, missing=float(it.optional))
        for it in wants
        if found[it.name].dtype != (READ if it.optional else _QUICK)[it.kind]
        or it.kind is Kind.DATETIME
    }
    if columns:
        found[list(columns)] = typed(found[list(columns)], columns)
    return found if all(is_kind(found[it.name], it.kind) for it in wants) else None


def _odd(text: pd.Series, want: Want) -> Iterator[Bad]:
    """Cells that are not of the type."""
    present = text.dropna()
    yield from _named(present[_no(present, want.kind)], want, f"is no {want.kind}")


def _no(present: pd.Series, kind: Kind) -> pd.Series:
    import pandas as pd  # noqa: PLC0415  as above

    match kind:
        case Kind.STRING:
            return pd.Series(data=False, index=present.index)
        case Kind.INTEGER | Kind.NUMBER:
            numbers = pd.to_numeric(present, errors="coerce")
            return numbers.isna() | (numbers % 1 != 0 if kind is Kind.INTEGER else False)
        case Kind.BOOLEAN:
            return ~present.str.lower().isin(("true", "false", "1", "0", "1.0", "0.0"))
        case Kind.DATETIME:
            return pd.to_datetime(present, errors="coerce", utc=True, format="ISO8601").isna()


def _wrong(values: pd.Series, want: Want) -> Iterator[Bad]:
    """Cells of the right type that the model or the contract does not take."""
    import numpy as np  # noqa: PLC0415  as above

    if want.among is None or not (known := values.isin(list(want.among))).all():
        empty = values.isna()
        if not want.optional:
            yield from (Bad(int(at), want.name, "is empty") for at in values.index[empty])
        if want.among is not None:
            unknown = values[~known & ~empty]
            yield from _named(unknown, want, "is not among the contract's values")
    if want.kind is Kind.NUMBER:
        yield from _named(values[np.isinf(values)], want, "is not finite")


def _named(values: pd.Series, want: Want, what: str) -> Iterator[Bad]:
    """What is personal is not shown: errors end up in logs."""
    for at, value in values.items():
        shown = "the value" if want.personal else repr(value)
        yield Bad(int(at), want.name, f"{shown} {what}")  # type: ignore[call-overload]  # our own index


def _first(found: Iterable[Bad]) -> dict[int, Bad]:
    """One reason a row."""
    bad: dict[int, Bad] = {}
    for it in found:
        bad.setdefault(it.at, it)
    return bad
