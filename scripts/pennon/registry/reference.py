"""`MODEL`, `MODEL@VERSION`, `MODEL#STAGE`: what people type, and which version it means."""

from __future__ import annotations

import msgspec

from pennon.errors import RegistryError
from pennon.registry.grammar import Version
from pennon.registry.grammar import version as parse_version
from pennon.registry.state import ModelState

DEFAULT_STAGE = "champion"


class Reference(msgspec.Struct, frozen=True):
    """A version by its number, by its stage, or (neither) the champion."""

    model: str
    version: str = ""
    stage: str = ""


def reference(text: str) -> Reference:
    for sign in "@#":
        model, found, rest = text.partition(sign)
        if found and not (model and rest):
            hint = "MODEL, MODEL@VERSION or MODEL#STAGE"
            raise RegistryError(f"{text!r} names no version", hint=hint)
        if found:
            return Reference(model, rest, "") if sign == "@" else Reference(model, "", rest)
    return Reference(text)


def meant(state: ModelState, wanted: Reference) -> Version:
    """The version that a reference means. Raises RegistryError where it means none."""
    if wanted.version:
        version = parse_version(wanted.version)
        state.find(version)
        return version
    stage = wanted.stage or DEFAULT_STAGE
    holder = state.holder(stage)
    if holder is None:
        held = ", ".join(f"{name} is {e.version}" for name, e in state.stages.items())
        raise RegistryError(
            f"no version of {wanted.model} holds the stage {stage!r}",
            hint=f"held now: {held or 'no stage at all'}",
        )
    return holder
