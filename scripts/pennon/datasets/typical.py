"""Rows that may be shown: what is typical of a column stands where a person's own value would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.config import Column, Dataset, Kind

if TYPE_CHECKING:
    import pandas as pd

BACKGROUND = 30
"""Rows that explanations compare with."""


def typical(rows: pd.DataFrame, dataset: Dataset, names: Sequence[str]) -> dict[str, Any]:
    """One row that nobody is: of each column its middle, or its most frequent value, as JSON.

    Of a personal column the values stay inside: the middle of its limits, the first of those that
    the contract allows, or a word.
    """
    columns = dataset.contract.columns
    found = {name: _value(rows[name], columns[name]) for name in names}
    return msgspec.json.decode(msgspec.json.encode(found))  # type: ignore[no-any-return]


def background(rows: pd.DataFrame, dataset: Dataset, names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows from all over the data as JSON, with the typical value in each personal column."""
    step = max(1, len(rows) // BACKGROUND)
    some = rows[list(names)].iloc[::step].head(BACKGROUND)
    shown = typical(rows, dataset, names)
    text = some.to_json(orient="records", date_format="iso", double_precision=15)
    found: list[dict[str, Any]] = msgspec.json.decode(text)
    personal = [name for name in names if dataset.contract.columns[name].personal]
    return [row | {name: shown[name] for name in personal} for row in found]


def _value(values: pd.Series, column: Column) -> Any:  # noqa: ANN401  a value of the column
    if column.personal and column.among:
        return column.among[0]
    present = values.dropna()
    if present.empty:
        return None
    match column.type:
        case Kind.NUMBER | Kind.INTEGER:
            middle = _middle(present, column)
            return round(middle) if column.type is Kind.INTEGER else middle
        case Kind.DATETIME:
            return present.sort_values().iloc[len(present) // 2].isoformat()
        case Kind.STRING:
            return "(personal)" if column.personal else str(present.mode().iloc[0])
        case Kind.BOOLEAN:
            return bool(present.mode().iloc[0])


def _middle(present: pd.Series, column: Column) -> float:
    if column.personal and column.min is not None and column.max is not None:
        return (column.min + column.max) / 2
    return float(present.median())
