"""The OpenAPI description of a version's endpoints: what it asks for comes from its signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pennon.artifacts.bundle import Facts
from pennon.artifacts.cells import InputColumn
from pennon.config import Kind
from pennon.serving.answers import Prediction, Predictions, Refusal
from pennon.serving.rows import MOST_ROWS

_AT = "#/components/schemas/"
_TYPES: dict[str, dict[str, Any]] = {
    Kind.INTEGER: {"type": "integer", "format": "int64"},
    Kind.NUMBER: {"type": "number"},
    Kind.STRING: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATETIME: {"type": "string", "format": "date-time"},
}


def openapi(
    facts: Facts, version: str, inputs: Sequence[InputColumn], example: dict[str, Any] | None
) -> dict[str, Any]:
    """OpenAPI 3.1, as plain values."""
    paths = {"/predict": {"post": _predict()}}
    paths |= {path: {"get": _get(what)} for path, what in _GETS.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": facts.model, "version": version},
        "paths": paths,
        "components": {"schemas": _schemas(inputs, example)},
    }


_GETS = {
    "/health": "200 while the server lives",
    "/ready": "200 while it can answer",
    "/version": "What is served: version, commit, digest of the artifact, engine",
    "/metrics": "Figures for Prometheus",
}


def _schemas(inputs: Sequence[InputColumn], example: dict[str, Any] | None) -> dict[str, Any]:
    answers = (Prediction, Predictions, Refusal)
    _, schemas = msgspec.json.schema_components(answers, ref_template=f"{_AT}{{name}}")
    row = {
        "type": "object",
        "properties": {column.name: _column(column) for column in inputs},
        "required": [column.name for column in inputs if not column.optional],
        "additionalProperties": False,
        "examples": [example] if example else [],
    }
    several = {
        "type": "array",
        "items": {"$ref": f"{_AT}Row"},
        "minItems": 1,
        "maxItems": MOST_ROWS,
    }
    rows = {
        "type": "object",
        "properties": {"rows": several},
        "required": ["rows"],
        "additionalProperties": False,
    }
    return {"Row": row, "Rows": rows, **schemas}


def _column(column: InputColumn) -> dict[str, Any]:
    kind = _TYPES[column.type]
    return kind | {"type": [kind["type"], "null"]} if column.optional else kind


def _predict() -> dict[str, Any]:
    errors = {
        "413": "The body is too large",
        "422": "Fields are not what the model expects; each is named",
        "500": "The model could not answer",
        "503": "Too many requests wait; come again after Retry-After seconds",
    }
    said = {status: _body(what, "Refusal") for status, what in errors.items()}
    explain = {
        "name": "explain",
        "in": "query",
        "description": "what each column adds to the prediction",
        "schema": {"type": "boolean", "default": False},
    }
    headers = {
        "X-Request-ID": "comes back with the answer and stands in the log",
        "X-Pennon-Key": "by whose hash a rollout chooses the version",
    }
    return {
        "summary": "Predict one row, or a batch of them",
        "parameters": [
            explain,
            *(
                {"name": name, "in": "header", "description": what, "schema": {"type": "string"}}
                for name, what in headers.items()
            ),
        ],
        "requestBody": {"required": True, **_content("Row", "Rows")},
        "responses": {"200": _body("The prediction", "Prediction", "Predictions"), **said},
    }


def _get(what: str) -> dict[str, Any]:
    return {"summary": what, "responses": {"200": {"description": what}}}


def _body(what: str, *schemas: str) -> dict[str, Any]:
    return {"description": what, **_content(*schemas)}


def _content(*schemas: str) -> dict[str, Any]:
    refs = [{"$ref": f"{_AT}{name}"} for name in schemas]
    schema = refs[0] if len(refs) == 1 else {"oneOf": refs}
    return {"content": {"application/json": {"schema": schema}}}
