"""The requests of a contract: from the signature of a version, and from its consumers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pennon.config import Task
from pennon.errors import ConfigError
from pennon.registry import Field
from pennon.serving.contract.shape import Schema, understood

OK, REFUSED = 200, 422
_OTHER = {
    "number": "not a number",
    "integer": "not a number",
    "string": 42,
    "boolean": "not a truth",
    "datetime": "not a moment",
}
"""Type of a column -> a value that it cannot have."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is asked. `example` is a row that it can predict, if one is known."""

    model: str
    version: str
    task: Task
    inputs: tuple[Field, ...]
    example: Mapping[str, Any] | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what its answer has to be. `names`: the field that a refusal has to name."""

    name: str
    path: str = "/predict"
    body: Any = None
    status: int = OK
    schema: Schema = {}
    names: str = ""


class Consumer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody who asks relies on: a file of `tests/contract/consumers`."""

    request: Any
    response: Schema
    name: str = ""
    model: str = ""  # every one, if empty
    path: str = "/predict"
    status: int = OK


def cases(it: Subject) -> Iterator[Case]:
    """Good requests where an example is known, and every bad one."""
    said = {"model": {"const": it.model}, "version": {"const": it.version}}
    yield Case(name="it says which version it is", path="/version", schema=_object(said))
    if it.example is not None:
        yield from _good(it, it.example)
        yield from _bad(it, it.example)
    yield Case(name="an empty batch is refused", body={"rows": []}, status=REFUSED, schema=_ERROR)
    yield Case(name="what is no object is refused", body=[1], status=REFUSED, schema=_ERROR)


def consumed(found: Mapping[str, bytes], model: str) -> Iterator[Case]:
    """File name -> content of each consumer's fixture. Raises ConfigError for one that is none."""
    for name, content in found.items():
        try:
            it = msgspec.json.decode(content, type=Consumer)
            understood(it.response)
        except (msgspec.DecodeError, ConfigError) as error:
            raise ConfigError(f"{name}: {error}", hint="docs/contract.md, Consumers") from None
        if it.model in ("", model):
            yield Case(
                name=f"{name}: {it.name}" if it.name else name,
                path=it.path,
                body=it.request,
                status=it.status,
                schema=it.response,
            )


def _good(it: Subject, row: Mapping[str, Any]) -> Iterator[Case]:
    bounds = {"minimum": 0, "maximum": 1} if it.task is Task.CLASSIFICATION else {}
    value = {"type": "number", **bounds}
    # A challenger may answer some of them: only /version has to name the live one.
    text = {"type": "string"}
    answer = {"model": {"const": it.model}, "version": text, "id": text}
    one = _object(answer | {"prediction": value})
    several = {"type": "array", "items": value, "minItems": 2, "maxItems": 2}
    many = _object(answer | {"predictions": several})
    yield Case(name="a row is predicted", body=row, schema=one)
    yield Case(name="a batch is predicted", body={"rows": [row, row]}, schema=many)
    for column in it.inputs:
        if column.optional:
            rest = {name: value for name, value in row.items() if name != column.name}
            yield Case(name=f"{column.name} may be missing", body=rest, schema=one)


def _bad(it: Subject, row: Mapping[str, Any]) -> Iterator[Case]:
    for column in it.inputs:
        name = column.name
        if not column.optional:
            rest = {key: value for key, value in row.items() if key != name}
            yield _refused(f"{name} may not be missing", rest, name)
        yield _refused(
            f"{name} of another type is refused", {**row, name: _OTHER[column.type]}, name
        )
    yield _refused("a column that nobody knows is refused", {**row, _UNKNOWN: 1}, _UNKNOWN)


def _refused(name: str, body: Any, field: str) -> Case:  # noqa: ANN401  any JSON
    return Case(name=name, body=body, status=REFUSED, schema=_ERROR, names=field)


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_UNKNOWN = "no_such_column"
_ERROR = _object({"error": {"type": "string"}})
