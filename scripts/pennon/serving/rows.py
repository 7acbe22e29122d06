"""A request's JSON into typed rows, or every field that is wrong with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.bundle import InputColumn
from pennon.config import Column, Kind
from pennon.datasets.frame import typed
from pennon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10_000

_TYPES: dict[str, Any] = {
    "integer": int,
    "number": float,
    "string": str,
    "boolean": bool,
    "datetime": str,
}


class Wrong(msgspec.Struct, frozen=True):
    """One field of one row."""

    row: int
    field: str
    what: str


class RequestError(DataError):
    """The request is not what the signature asks for. `wrong` names every field."""

    def __init__(self, what: str, wrong: list[Wrong] | None = None) -> None:
        super().__init__(what)
        self.wrong = wrong or []


def parse(body: bytes, inputs: tuple[InputColumn, ...]) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a request, and whether it was a batch (`{"rows": […]}`)."""
    try:
        data = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise RequestError(f"the body is not JSON: {error}") from None
    batch = isinstance(data, dict) and set(data) == {"rows"}
    rows = data["rows"] if batch else [data]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RequestError('send one row as an object, or {"rows": [objects]}')
    if not 0 < len(rows) <= MOST_ROWS:
        raise RequestError(f"send 1 to {MOST_ROWS} rows, not {len(rows)}")
    wrong = [problem for i, row in enumerate(rows) for problem in _row(i, row, inputs)]
    if wrong:
        raise RequestError(f"{len(wrong)} fields are not what the model expects", wrong)
    return rows, batch


def frame(rows: list[dict[str, Any]], inputs: tuple[InputColumn, ...]) -> pd.DataFrame:
    """The rows with the types that training saw."""
    import pandas as pd  # noqa: PLC0415  loaded with the model, not with the app

    columns = {
        column.name: Column(type=Kind(column.type), missing=float(column.optional))
        for column in inputs
    }
    cells = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns}
    return typed(pd.DataFrame(cells), columns)


def _row(i: int, row: dict[str, Any], inputs: tuple[InputColumn, ...]) -> list[Wrong]:
    known = {column.name for column in inputs}
    wrong = [Wrong(i, str(name), "the model does not know it") for name in row if name not in known]
    for column in inputs:
        value = row.get(column.name)
        if value is None:
            if not column.optional:
                what = "missing" if column.name not in row else "must not be empty"
                wrong.append(Wrong(i, column.name, what))
            continue
        try:
            msgspec.convert(value, _TYPES[column.type])
            if column.type == Kind.DATETIME:
                datetime.fromisoformat(value)
        except ValueError as error:  # msgspec's is one, too
            wrong.append(Wrong(i, column.name, str(error).lower()))
    return wrong
