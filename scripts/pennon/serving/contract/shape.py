"""Is this value what that JSON Schema says? The keywords that answers of a model need. Pure.

No library for it is part of the light core. A keyword that is not known here is refused, rather
than believed to hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pennon.errors import ConfigError

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_WORDS = {
    *("type", "enum", "const", "minimum", "maximum", "pattern", "minItems", "maxItems"),
    *("properties", "required", "additionalProperties", "items"),
}
_NOTES = {"$schema", "$id", "$comment", "title", "description", "examples", "default", "format"}
"""Keywords that say nothing of a value."""

Schema = dict[str, Any]


def understood(schema: Any, at: str = "") -> None:  # noqa: ANN401  foreign data comes in here
    """Raises ConfigError for what `misfits` cannot hold a value to."""
    if not isinstance(schema, dict):
        raise ConfigError(f"{at or 'the schema'} is no schema: {schema!r}")
    if unknown := sorted(set(schema) - _WORDS - _NOTES):
        raise ConfigError(
            f"{at or 'the schema'}: {', '.join(unknown)} cannot be checked",
            hint=f"known are: {', '.join(sorted(_WORDS))}",
        )
    parts = dict(schema.get("properties", {}))
    parts |= {key: schema[key] for key in ("items",) if key in schema}
    for name, part in parts.items():
        understood(part, f"{at}.{name}".lstrip("."))


def misfits(value: Any, schema: Schema, at: str = "") -> Iterator[str]:  # noqa: ANN401  any JSON
    """Where `value` is not what the schema says, each with its path."""
    where = at or "the answer"
    if "type" in schema and not _is(value, schema["type"]):
        yield f"{where} is {_short(value)}, not of type {schema['type']}"
        return
    if not any(_same(value, one) for one in schema.get("enum", [value])):
        yield f"{where} is {_short(value)}, not one of {schema['enum']}"
    if not _same(value, schema.get("const", value)):
        yield f"{where} is {_short(value)}, not {schema['const']!r}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, schema, where)
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{where} is {_short(value)}, which does not match {schema['pattern']}"
    if isinstance(value, list):
        yield from _list(value, schema, at)
    if isinstance(value, dict):
        yield from _object(value, schema, at)


def _number(value: float, schema: Schema, where: str) -> Iterator[str]:
    if value < schema.get("minimum", value):
        yield f"{where} is {value}, less than {schema['minimum']}"
    if value > schema.get("maximum", value):
        yield f"{where} is {value}, more than {schema['maximum']}"


def _list(value: list[Any], schema: Schema, at: str) -> Iterator[str]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not least <= len(value) <= most:
        yield f"{at or 'the answer'} has {len(value)} items, not {least} to {most}"
    for i, item in enumerate(value):
        yield from misfits(item, schema.get("items", {}), f"{at}[{i}]")


def _object(value: dict[str, Any], schema: Schema, at: str) -> Iterator[str]:
    known: Schema = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at or 'the answer'} has no {name!r}"
    if schema.get("additionalProperties") is False:
        for name in value.keys() - known.keys():
            yield f"{at or 'the answer'} has {name!r}, which nobody expects"
    for name in known.keys() & value.keys():
        yield from misfits(value[name], known[name], f"{at}.{name}".lstrip("."))


def _is(value: Any, wanted: str | list[str]) -> bool:  # noqa: ANN401  any JSON
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    if isinstance(value, float) and value.is_integer() and "integer" in names:
        return True
    return any(isinstance(value, _TYPES.get(name, ())) for name in names)


def _same(value: Any, other: Any) -> bool:  # noqa: ANN401  any JSON
    """Of Python's values `True` is 1; of JSON's it is not."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _short(value: Any) -> str:  # noqa: ANN401  any JSON
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004  what people read
