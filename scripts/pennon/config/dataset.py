"""data/<name>.yaml: where rows come from, what they promise, and what was locked."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from pennon.config.project import Record, Share

Scalar = str | int | float | bool


class Kind(StrEnum):
    """The types a contract speaks of, whatever the engine calls them."""

    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATETIME = "datetime"


class Column(Record, frozen=True, kw_only=True):
    """What one column promises. `missing` is the largest allowed share of empty values."""

    type: Kind
    min: float | None = None
    max: float | None = None
    among: tuple[Scalar, ...] | None = None
    missing: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    unique: bool = False
    personal: bool = False
    about: str = ""


class Contract(Record, frozen=True, kw_only=True):
    """The promise: every column that a row has, and no other."""

    version: int = 1
    columns: Annotated[dict[str, Column], msgspec.Meta(min_length=1)]


class Holdout(Record, frozen=True, kw_only=True):
    """Sealed rows: by the hash of the key (`share`), or from a moment on (`after`)."""

    share: Share | None = None
    salt: str = ""
    after: str | None = None


class Sample(Record, frozen=True, kw_only=True):
    """The rows that a pull request trains on, drawn by key hash within each group of `by`."""

    rows: Annotated[int, msgspec.Meta(ge=1)] = 4000
    by: tuple[str, ...] = ()


class Blocks(StrEnum):
    """Stretches of time whose rows belong together."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Lock(Record, frozen=True, kw_only=True):
    """What `pennon data lock` saw: content and schema change apart, so they are hashed apart."""

    content: str
    schema: str
    rows: int


class Dataset(Record, frozen=True, kw_only=True):
    """The whole file.

    Rows that are not independent of each other: those with the same value in the column `group`, or
    those of the same stretch of `time` (`blocks`). Intervals are then made of groups of rows.
    """

    source: str
    key: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    contract: Contract
    holdout: Holdout = Holdout(share=0.2)
    sample: Sample = Sample()
    time: str | None = None
    group: str | None = None
    blocks: Blocks | None = None
    about: str = ""
    licence: str = ""
    lock: Lock | None = None
