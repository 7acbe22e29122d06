"""GitHub's own OpenAPI description as a judge of what is sent and what our fakes answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft4Validator, validators  # type: ignore[import-untyped]  # it has no stubs
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]  # the same


def _nullable(keyword: str) -> Any:  # noqa: ANN401  jsonschema's own signature
    """OpenAPI 3.0 says `nullable: true` where JSON Schema has a type of its own."""
    known = Draft4Validator.VALIDATORS[keyword]

    def check(
        validator: Any,  # noqa: ANN401  the same
        value: object,
        instance: object,
        schema: dict[str, Any],
    ) -> Iterator[ValidationError]:
        if instance is None and schema.get("nullable"):
            return
        yield from known(validator, value, instance, schema) or ()

    return check


_Validator = validators.extend(
    Draft4Validator, {"type": _nullable("type"), "enum": _nullable("enum")}
)


class Judge:
    """Problems of a request or an answer, as sentences; none where GitHub would agree."""

    def __init__(self, description: Path) -> None:
        self._file = description

    @cached_property
    def _spec(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._file.read_bytes())
        return found

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        """What has more words of its own is tried first: `/tags/{tag}` before `/{id}`."""
        ordered = sorted(self._spec["paths"], key=lambda path: path.count("{"))
        return [(re.compile(_shape(path)), path) for path in ordered]

    def request(self, method: str, path: str, query: str, body: bytes) -> list[str]:
        operation = self._operation(method, path)
        if operation is None:
            return [f"GitHub has no {method} {path}"]
        known = {self._resolve(it)["name"] for it in operation.get("parameters", [])}
        sent = {name for name, _ in parse_qsl(query)}
        problems = [f"{method} {path} knows no parameter {name}" for name in sent - known]
        schema = _json(operation.get("requestBody", {}))
        if schema is None or not body:
            return problems
        data = json.loads(body)
        if "properties" in schema:
            extra = set(data) - set(schema["properties"])
            problems += [f"{method} {path} knows no field {name}" for name in extra]
        return problems + self._against(schema, data, f"{method} {path}")

    def answer(self, method: str, path: str, status: int, body: object) -> list[str]:
        operation = self._operation(method, path)
        if operation is None or str(status) not in operation["responses"]:
            return [f"GitHub never answers {method} {path} with {status}"]
        schema = _json(self._resolve(operation["responses"][str(status)]))
        return self._against(schema, body, f"{status} of {method} {path}") if schema else []

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        found = next((name for shape, name in self._paths if shape.fullmatch(path)), None)
        return self._spec["paths"][found].get(method.lower()) if found else None

    def _resolve(self, it: dict[str, Any]) -> dict[str, Any]:
        found: Any = it
        while "$ref" in found:
            names = found["$ref"].removeprefix("#/").split("/")
            found = self._spec
            for name in names:
                found = found[name]
        return dict(found)

    def _against(self, schema: dict[str, Any], data: object, what: str) -> list[str]:
        judge = _Validator({**schema, "components": self._spec["components"]})
        return [f"{what}: {problem.message[:300]}" for problem in judge.iter_errors(data)]


def _shape(path: str) -> str:
    """A file's path and a git ref have slashes of their own."""
    return re.sub(r"\{[^}]+\}", "[^/]+", re.sub(r"\{(path|ref)\}$", ".+", path))


def _json(holder: dict[str, Any]) -> dict[str, Any] | None:
    schema: dict[str, Any] | None = (
        holder.get("content", {}).get("application/json", {}).get("schema")
    )
    return schema
