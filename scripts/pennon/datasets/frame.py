"""Rows as a frame with the types of the contract: the same for training, sample and request."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pennon.config import Column, Dataset, Kind
from pennon.datasets.source import files
from pennon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

READ: Mapping[Kind, Any] = {
    Kind.INTEGER: "Int64",
    Kind.NUMBER: "float64",
    Kind.STRING: "str",
    Kind.BOOLEAN: "boolean",
    Kind.DATETIME: "str",
}
"""How each kind is read: as a type that holds an empty cell and refuses what is not of the kind.

pandas' own guess would make 7 of the key "007", and 7.0 of 7 as soon as one row is empty.
"""
PLAIN: Mapping[Kind, Any] = {Kind.INTEGER: "int64", Kind.BOOLEAN: "bool"}
"""What a kind is that can hold no empty cell, where it is another type."""


def read(root: Path, dataset: Dataset) -> pd.DataFrame:
    """All rows, with the types that the contract names where the values allow it."""
    import pandas as pd  # noqa: PLC0415  half a second, for those who need rows

    columns = dataset.contract.columns
    # Typed file by file: one odd value in one of them must not change the others' columns.
    frames = [typed(_frame(file, columns), columns) for file in files(root, dataset)]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    if frame.empty:
        raise DataError(f"{dataset.source} has no rows")
    return frame


def typed(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """The same rows with the contract's types; a column that cannot be one stays as it is.

    The contract check then names the column and its first bad value, which a failing cast cannot.
    A type depends on the contract alone: an integer or boolean that may be empty is nullable
    (`Int64`, `boolean`) also where no value is empty.
    """
    import pandas as pd  # noqa: PLC0415  as above

    made = {
        name: _typed(frame[name], columns[str(name)]) if str(name) in columns else frame[name]
        for name in frame.columns
    }
    return pd.DataFrame(made, index=frame.index)


def _typed(values: pd.Series, column: Column) -> pd.Series:
    import pandas as pd  # noqa: PLC0415  as above

    if not _may_be(values, column.type):
        return values
    try:
        if column.type is Kind.DATETIME:
            return pd.to_datetime(values, utc=True, format="ISO8601")
        found = values.astype(READ[column.type])
    except (ValueError, TypeError):
        return values
    if column.missing == 0 and not found.isna().any():
        return found.astype(PLAIN.get(column.type, found.dtype))
    return found


def _may_be(values: pd.Series, kind: Kind) -> bool:
    """Text may turn out to be anything; what has a type already may only be written otherwise.

    A number's text would depend on its neighbours (7, or 7.0), a moment's number on its unit.
    """
    import pandas.api.types as kinds  # noqa: PLC0415  as above

    if kinds.is_bool_dtype(values):
        return kind is Kind.BOOLEAN
    if kinds.is_numeric_dtype(values):
        return kind in {Kind.INTEGER, Kind.NUMBER}
    if kinds.is_datetime64_any_dtype(values):
        return kind is Kind.DATETIME
    return True


def _frame(file: Path, columns: Mapping[str, Column]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  as above

    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file, dtype_backend="numpy_nullable")
        return _csv(file, columns)
    except ImportError as error:
        raise DataError(f"{file.name} needs pyarrow", hint="add it to requirements.in") from error
    except pd.errors.EmptyDataError:
        raise DataError(f"{file.name} is empty") from None
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError, OSError) as error:
        raise DataError(f"{file.name} cannot be read: {error}") from None


def _csv(file: Path, columns: Mapping[str, Column]) -> pd.DataFrame:
    """The cells by their contract types; all as text where one cell is not of its column's type."""
    try:
        return _cells(file, {name: READ[column.type] for name, column in columns.items()})
    except (ValueError, TypeError):
        return _cells(file, dict.fromkeys(columns, "str"))


def _cells(file: Path, types: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  as above

    with warnings.catch_warnings():
        # A row with a cell too many: left out by default, or the names shifted by one column.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            # "NA" may be a country or a carrier: only an empty cell is empty.
            return pd.read_csv(
                file,
                dtype=dict(types),
                keep_default_na=False,
                na_values=[""],
                index_col=False,
                low_memory=False,
            )
        except pd.errors.ParserWarning:
            raise pd.errors.ParserError("rows have more cells than the first line names") from None
