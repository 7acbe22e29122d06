"""Which part of the version moves: what changed for those who use the model decides. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from pennon.config import Config
from pennon.flows.versions.changes import Recipe


class Bump(StrEnum):
    """`auto` asks `decide`; the others are a person's word."""

    AUTO = "auto"
    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


class Decided(msgspec.Struct, frozen=True):
    """The part that moves, and why: one sentence for the record."""

    part: Bump
    why: str


class Side(msgspec.Struct, frozen=True):
    """A version as far as this question goes. `face` is what its users see, name -> meaning."""

    recipe: Recipe
    face: Mapping[str, str]


_BUILT = {
    "code": "the code",
    "params": "the params",
    "environment": "the environment",
    "model": "the model's settings",
}


def decide(before: Side | None, now: Side) -> Decided:
    """Major: the interface or its meaning changed. Minor: built otherwise. Patch: newer data."""
    if before is None:
        return Decided(Bump.MINOR, "what the version before was made of is not known here")
    changed = sorted({*before.face, *now.face})
    changed = [name for name in changed if before.face.get(name) != now.face.get(name)]
    if changed:
        told = ", ".join(_told(name, before.face, now.face) for name in changed)
        return Decided(Bump.MAJOR, f"the interface changed: {told}")
    built = [
        words
        for name, words in _BUILT.items()
        if getattr(before.recipe, name) != getattr(now.recipe, name)
    ]
    if built:
        return Decided(Bump.MINOR, f"it is built otherwise: {', '.join(built)}")
    return Decided(Bump.PATCH, "only the data is newer")


def face(config: Config, model: str) -> dict[str, str]:
    """What users of a model see: its inputs with their types, its task, its target."""
    it, dataset = config.model(model), config.dataset_of(model)
    left_out = {*dataset.key, it.target, *it.exclude}
    columns = dataset.contract.columns
    found = {
        f"input {name}": f"{column.type}{' or empty' if column.missing else ''}"
        for name, column in columns.items()
        if name not in left_out
    }
    return found | {"task": str(it.task), "target": it.target}


def _told(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> str:
    old, new = before.get(name), now.get(name)
    if old is None:
        return f"{name} came"
    return f"{name} went" if new is None else f"{name} was {old}, is {new}"
