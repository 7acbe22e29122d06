"""Do the rows keep the contract? Every breach at once, each with its column and an example."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pennon.config import Column, Dataset, Kind
from pennon.datasets.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

_TRUTHS = ("true", "false", "1", "0", "1.0", "0.0")


def breaches(frame: pd.DataFrame, dataset: Dataset) -> list[Finding]:
    """What is wrong with the rows; empty where they keep the contract.

    Findings end up in comments that many read: there is no example from a personal column.
    """
    columns = dataset.contract.columns
    found = [
        Finding("missing-column", name, "the contract has it, the data has not")
        for name in columns
        if name not in frame.columns
    ]
    found += [
        Finding("unknown-column", str(name), "the data has it, the contract has not")
        for name in frame.columns
        if str(name) not in columns
    ]
    for name, column in columns.items():
        if name in frame.columns:
            found += _column(frame[name], name, column)
    keys = [name for name in dataset.key if name in frame.columns]
    if len(keys) == len(dataset.key):
        found += _duplicates(frame[keys], ", ".join(keys))
    return [_discreet(it, dataset) for it in found]


def _discreet(it: Finding, dataset: Dataset) -> Finding:
    private = {name for name, column in dataset.contract.columns.items() if column.personal}
    of_key = it.code == "duplicate-key" and private & {*dataset.key}
    return msgspec.structs.replace(it, example="") if it.column in private or of_key else it


def _column(values: pd.Series, name: str, column: Column) -> Iterator[Finding]:
    empty = int(values.isna().sum())
    if empty > column.missing * len(values):
        allowed = "none is allowed" if not column.missing else f"{column.missing:.1%} is allowed"
        share = empty / len(values)
        yield Finding("too-many-missing", name, f"{share:.1%} is empty, {allowed}", empty)
    present = values.dropna()
    if present.empty:
        return
    if not is_kind(present, column.type):
        what = f"should be {column.type}, is {present.dtype}"
        yield Finding("wrong-type", name, what, example=_odd(present, column.type))
        return
    yield from _values(present, name, column)


def _values(present: pd.Series, name: str, column: Column) -> Iterator[Finding]:
    if column.min is not None:
        yield from _rows(
            "below-min", name, present, present < column.min, what=f"below {column.min:g}"
        )
    if column.max is not None:
        yield from _rows(
            "above-max", name, present, present > column.max, what=f"above {column.max:g}"
        )
    if column.among is not None:
        odd = ~present.isin(list(column.among))
        yield from _rows("not-among", name, present, odd, what="not among the contract's values")
    if column.unique:
        yield from _rows("not-unique", name, present, present.duplicated(), what="there twice")


def _rows(
    code: str, name: str, present: pd.Series, bad: pd.Series, *, what: str
) -> Iterator[Finding]:
    count = int(bad.sum())
    if count:
        yield Finding(code, name, what, count, str(present[bad].iloc[0]))


def _duplicates(keys: pd.DataFrame, name: str) -> Iterator[Finding]:
    twice = keys.duplicated()
    if twice.any():
        example = ", ".join(str(value) for value in keys[twice].iloc[0])
        yield Finding("duplicate-key", name, "there twice", int(twice.sum()), example)


def is_kind(values: pd.Series, kind: Kind) -> bool:
    import pandas.api.types as kinds  # noqa: PLC0415  pandas only where there are rows

    match kind:
        case Kind.INTEGER:
            return kinds.is_integer_dtype(values)
        case Kind.NUMBER:
            return kinds.is_numeric_dtype(values) and not kinds.is_bool_dtype(values)
        case Kind.STRING:
            return kinds.is_string_dtype(values)
        case Kind.BOOLEAN:
            return kinds.is_bool_dtype(values)
        case Kind.DATETIME:
            return kinds.is_datetime64_any_dtype(values)


def _odd(values: pd.Series, kind: Kind) -> str:
    """The first value that cannot be of the kind, where one can be told."""
    import pandas as pd  # noqa: PLC0415  as above

    bad = pd.Series(data=False, index=values.index)
    match kind:
        case Kind.INTEGER | Kind.NUMBER:
            numbers = pd.to_numeric(values, errors="coerce")
            bad = numbers.isna() | ((numbers % 1 != 0) if kind is Kind.INTEGER else False)
        case Kind.BOOLEAN:
            bad = ~values.astype(str).str.lower().isin(_TRUTHS)
        case Kind.DATETIME:
            bad = pd.to_datetime(values, errors="coerce", utc=True, format="ISO8601").isna()
        case Kind.STRING:
            pass
    return str(values[bad].iloc[0] if bad.any() else values.iloc[0])
