"""What differs between two registered versions, by their manifests alone: no data, no model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pennon.git import Repo
from pennon.registry import Manifest, Measured, Reference, registration, resolve


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not the same. `part`: metric, param, data, environment, code, interface."""

    part: str
    name: str
    one: str
    other: str


class Compared(msgspec.Struct, frozen=True):
    """Two versions. `metrics` has those of both, each as it was measured when it was registered."""

    one: str
    other: str
    same_holdout: bool
    metrics: dict[str, tuple[Measured | None, Measured | None]]
    differences: tuple[Difference, ...]


def differences(repo: Repo, one: Reference, other: Reference) -> Compared:
    """Raises RegistryError for an unknown version, and for one whose tag has no manifest."""
    names, manifests = [], []
    for wanted in (one, other):
        state, version = resolve(repo, wanted)
        names.append(f"{state.model}@{version}")
        manifests.append(registration(state, version).manifest)
    was, now = manifests
    measured = sorted({*was.metrics, *now.metrics})
    return Compared(
        one=names[0],
        other=names[1],
        same_holdout=was.holdout == now.holdout,
        metrics={name: (was.metrics.get(name), now.metrics.get(name)) for name in measured},
        differences=tuple(_differences(repo, was, now)),
    )


def _differences(repo: Repo, was: Manifest, now: Manifest) -> Iterator[Difference]:
    yield from _part("param", was.params, now.params)
    yield from _part("data", _data(was), _data(now))
    yield from _part("environment", _environment(was), _environment(now))
    yield from _part("interface", _interface(was), _interface(now))
    if was.commit != now.commit:
        files = repo.changed_between(was.commit, now.commit)
        said = "not in this clone" if files is None else f"{len(files)} files changed"
        yield Difference("code", said, was.commit[:7], now.commit[:7])


def _part(part: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*was, *now}):
        one, other = was.get(name), now.get(name)
        if one != other:
            yield Difference(part, name, _text(one), _text(other))


def _data(it: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = {"holdout": it.holdout[:19], "trained on": it.train_rows}
    for data in it.data:
        found |= {
            f"{data.name} content": data.content[:19],
            f"{data.name} schema": data.schema[:19],
            f"{data.name} rows": data.rows,
        }
    return found


def _environment(it: Manifest) -> dict[str, Any]:
    return {**it.libraries, "python": it.python, "pennon": it.pennon, "lock": it.environment[:19]}


def _interface(it: Manifest) -> dict[str, Any]:
    fields = {field.name: field.type for field in it.signature.inputs}
    return fields | {f"-> {field.name}": field.type for field in it.signature.outputs}


def _text(value: Any) -> str:  # noqa: ANN401  any plain value
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
