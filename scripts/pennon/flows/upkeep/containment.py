"""Does a JSON value hold what another one asks for? What was added to it is no difference. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any


def differences(wanted: Json, there: Json, at: str = "") -> Iterator[tuple[str, str]]:
    """(key path, from what to what), for all of `wanted` that `there` has otherwise.

    Of an object only the keys of `wanted` count. A list is whole, in any order. Members of a list
    that have a `type` are compared with those of the same type.
    """
    if isinstance(wanted, Mapping) and isinstance(there, Mapping | None):
        for key, value in wanted.items():
            path = f"{at}.{key}" if at else str(key)
            yield from differences(value, (there or {}).get(key), path)
    elif isinstance(wanted, list):
        yield from _of_lists(wanted, there if isinstance(there, list) else [], at)
    elif wanted != there:
        yield at, f"{spoken(there)} → {spoken(wanted)}"


def merged(wanted: Json, there: Json) -> Json:
    """What to send so that `wanted` holds, and what it does not speak of stays."""
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return {**there, **{key: merged(value, there.get(key)) for key, value in wanted.items()}}
    if isinstance(wanted, list) and isinstance(there, list):
        known = _typed(there)
        return [merged(it, known.get(kind)) for it in wanted for kind in [_type(it)]]
    return wanted


def spoken(value: Json) -> str:
    """On one line, for people."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return _type(value) or " ".join(map(spoken, value.values()))
    if isinstance(value, list):
        return ", ".join(sorted(map(spoken, value))) or "none"
    return "none" if value is None else str(value)


def _of_lists(wanted: list[Json], there: list[Json], at: str) -> Iterator[tuple[str, str]]:
    asked, has = _typed(wanted), _typed(there)
    if len(asked) < len(wanted) or len(has) < len(there):
        if not _alike(wanted, there):
            yield at, f"{spoken(there)} → {spoken(wanted)}"
        return
    if set(asked) != set(has):
        yield at, f"{spoken(there)} → {spoken(wanted)}"
    for kind in asked.keys() & has.keys():
        yield from differences(asked[kind], has[kind], f"{at}.{kind}")


def _alike(wanted: list[Json], there: list[Json]) -> bool:
    """Whether each member of one has a partner of its own in the other, an equal one first."""
    left = list(there)
    for it in wanted:
        near = sorted(range(len(left)), key=lambda i: left[i] != it)
        found = next((i for i in near if not any(differences(it, left[i]))), None)
        if found is None:
            return False
        del left[found]
    return not left


def _typed(values: list[Json]) -> dict[str, Json]:
    """By type; those without one are missing."""
    return {kind: it for it in values if (kind := _type(it))}


def _type(value: Json) -> str:
    return str(value.get("type", "")) if isinstance(value, Mapping) else ""
