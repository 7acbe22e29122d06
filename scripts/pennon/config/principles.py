"""principles.yaml: what the organisation promises, each bound to a check or to somebody's word."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from pennon.config.project import Record

PRINCIPLES = "principles.yaml"

Words = Annotated[str, msgspec.Meta(min_length=1)]


class Statement(Record, frozen=True, kw_only=True):
    """What a person vouches for; after `until` it has to be signed again.

    `by` is the name or the e-mail address by which git knows them.
    """

    text: Words
    by: Words
    role: Words
    on: date
    until: date | None = None


class Principle(Record, frozen=True, kw_only=True):
    """Held for each of its models (all of them where it names none) by a gate, a test or a word."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    title: Words
    owner: Words
    models: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    statement: Statement | None = None


class Principles(Record, frozen=True, kw_only=True):
    """The whole file."""

    principles: tuple[Principle, ...] = ()

    def of(self, model: str) -> tuple[Principle, ...]:
        return tuple(it for it in self.principles if not it.models or model in it.models)
