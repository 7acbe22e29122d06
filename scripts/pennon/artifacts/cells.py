"""The values of a request, or a log, as the columns that training saw: types come by signature.

What `datasets.frame.typed` makes of the same values, column by column, without the casts that it
needs for values of any kind (tests/artifacts/test_cells.py holds the two together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from pennon.config import Kind
from pennon.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class InputColumn(msgspec.Struct, frozen=True):
    """A column of a request, with its contract type."""

    name: str
    type: str
    optional: bool = False


Row = Sequence[Any]
"""The values of one row in the order of the signature; None where there is none."""


def rows_of(requests: Sequence[Mapping[str, Any]], inputs: Sequence[InputColumn]) -> list[Row]:
    """Objects as rows."""
    names = [column.name for column in inputs]
    return [tuple(request.get(name) for name in names) for request in requests]


def frame(rows: Sequence[Row], inputs: Sequence[InputColumn]) -> pd.DataFrame:
    """The rows with the types that training saw. Raises DataError for a value of another type."""
    import pandas as pd  # noqa: PLC0415  loaded with the model, not with the server

    columns = zip(*rows, strict=True) if rows else [()] * len(inputs)
    made = {}
    for column, values in zip(inputs, columns, strict=True):
        try:
            made[column.name] = _column(list(values), column)
        except (ValueError, TypeError, OverflowError) as error:
            raise DataError(f"{column.name} is no {column.type}: {error}") from None
    return pd.DataFrame(made)


def _column(values: list[Any], column: InputColumn) -> Any:  # noqa: ANN401  an array of its kind
    import numpy as np  # noqa: PLC0415  as above
    import pandas as pd  # noqa: PLC0415

    match Kind(column.type):
        case Kind.NUMBER:
            return np.array(values, dtype=np.float64)
        case Kind.STRING:
            return pd.array(values, dtype="str")
        case Kind.DATETIME:
            moments = pd.Series(values, dtype=object)
            return pd.to_datetime(moments, utc=True, format="ISO8601")
        case Kind.INTEGER | Kind.BOOLEAN as kind:
            filled, empty = _filled(values, kind)
            if not column.optional and not empty.any():
                return filled
            array = pd.arrays.IntegerArray if kind is Kind.INTEGER else pd.arrays.BooleanArray
            return array(filled, empty)
        case _ as never:
            assert_never(never)


def _filled(values: list[Any], kind: Kind) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values with something harmless where there is none, and where that is."""
    import numpy as np  # noqa: PLC0415  as above

    blank, letter = (0, "i") if kind is Kind.INTEGER else (False, "b")
    empty = np.array([value is None for value in values], dtype=np.bool_)
    filled = np.array([blank if value is None else value for value in values] or [blank])
    if filled.dtype.kind != letter:  # numpy would cut 1.5 to 1, and wrap what is too large
        raise ValueError(f"found {filled.dtype.name}")
    return filled[: len(values)], empty
