"""A request's JSON into rows of the signature's types, or every field that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta
from msgspec.structs import astuple

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.cells import InputColumn, Row
from pennon.config import Dataset, Kind, dataset_file, read
from pennon.errors import DataError

MOST_ROWS = 10_000
MASK = "(personal)"

_TYPES: dict[str, Any] = {
    Kind.INTEGER: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)],
    Kind.NUMBER: float,
    Kind.STRING: str,
    Kind.BOOLEAN: bool,
    Kind.DATETIME: str,
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


class Request(NamedTuple):
    rows: list[Row]
    batch: bool  # it came as {"rows": […]}


class Reader:
    """Reads what one version is asked. `personal` columns are not shown in any log."""

    def __init__(self, inputs: Sequence[InputColumn], personal: Iterable[str] = ()) -> None:
        self.inputs = tuple(inputs)
        hidden = frozenset(personal)
        self._hidden = [i for i, it in enumerate(self.inputs) if it.name in hidden]
        self._moments = [i for i, it in enumerate(self.inputs) if it.type == Kind.DATETIME]
        row = _record(self.inputs)
        self._one = msgspec.json.Decoder(row)
        self._many: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            msgspec.defstruct("Rows", [("rows", list[row])], forbid_unknown_fields=True)  # type: ignore[valid-type]  # made at run time
        )

    @classmethod
    def of(cls, bundle: Bundle) -> Reader:
        """With the personal columns of the version's own data contract."""
        file = dataset_file(bundle.model.dataset)
        path = bundle.folder / file
        contract = read(path.read_text(encoding="utf-8"), Dataset, file).contract
        personal = [name for name, column in contract.columns.items() if column.personal]
        return cls(bundle.facts.signature.inputs, personal)

    def read(self, body: bytes) -> Request:
        """Raises RequestError that names every wrong field."""
        rows, batch = self._decoded(body) or self._searched(body)
        if not 0 < len(rows) <= MOST_ROWS:
            raise RequestError(f"send 1 to {MOST_ROWS} rows, not {len(rows)}")
        wrong = [it for i in self._moments for it in self._no_moment(rows, i)]
        if wrong:
            raise _refusal(wrong)
        return Request([list(row) for row in rows], batch)

    def shown(self, rows: list[Row]) -> list[dict[str, Any]]:
        """The rows as a log may keep them."""
        names = [column.name for column in self.inputs]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        for i in self._hidden:
            for row in found:
                row[names[i]] = MASK
        return found

    def value(self, row: Row, column: str) -> Any:  # noqa: ANN401  any JSON value
        """Of a column that the signature has; None for another."""
        at = next((i for i, it in enumerate(self.inputs) if it.name == column), None)
        return None if at is None else row[at]

    def _decoded(self, body: bytes) -> tuple[list[tuple[Any, ...]], bool] | None:
        """The quick way, which says nothing of what is wrong."""
        try:
            return [astuple(self._one.decode(body))], False
        except msgspec.DecodeError:
            pass
        try:
            return [astuple(row) for row in self._many.decode(body).rows], True
        except msgspec.DecodeError:
            return None

    def _searched(self, body: bytes) -> tuple[list[tuple[Any, ...]], bool]:
        try:
            data = msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            raise RequestError(f"the body is not JSON: {error}") from None
        batch = isinstance(data, dict) and set(data) == {"rows"}
        rows = data["rows"] if batch else [data]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise RequestError('send one row as an object, or {"rows": [objects]}')
        wrong = [problem for i, row in enumerate(rows) for problem in self._wrong(i, row)]
        if wrong:
            raise _refusal(wrong)
        return [tuple(row.get(it.name) for it in self.inputs) for row in rows], batch

    def _wrong(self, i: int, row: dict[str, Any]) -> list[Wrong]:
        known = {column.name for column in self.inputs}
        wrong = [Wrong(i, name, "the model does not know it") for name in row if name not in known]
        for column in self.inputs:
            value = row.get(column.name)
            if value is None:
                if not column.optional:
                    what = "missing" if column.name not in row else "must not be empty"
                    wrong.append(Wrong(i, column.name, what))
                continue
            try:
                msgspec.convert(value, _TYPES[column.type])
            except msgspec.ValidationError as error:
                wrong.append(Wrong(i, column.name, str(error).lower()))
        return wrong

    def _no_moment(self, rows: Sequence[tuple[Any, ...]], at: int) -> Iterable[Wrong]:
        for i, row in enumerate(rows):
            try:
                if row[at] is not None:
                    datetime.fromisoformat(row[at])
            except ValueError as error:
                yield Wrong(i, self.inputs[at].name, str(error).lower())


def _record(inputs: Sequence[InputColumn]) -> type[msgspec.Struct]:
    """A row as a record; columns may have names that Python could not give to a field."""
    names = {f"c{i}": column.name for i, column in enumerate(inputs)}
    needed = [(field, column) for field, column in zip(names, inputs, strict=True)]
    fields = [
        (field, _TYPES[column.type] | None, None)
        if column.optional
        else (field, _TYPES[column.type])
        for field, column in needed
    ]
    return msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True)


def _refusal(wrong: list[Wrong]) -> RequestError:
    fields = "field is" if len(wrong) == 1 else "fields are"
    return RequestError(f"{len(wrong)} {fields} not what the model expects", wrong)
