"""What is scored, and how: the records that go between a run and its workers."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec

from pennon.config import Kind
from pennon.config.dataset import Scalar
from pennon.errors import PennonError

PREDICTION, VERSION = "prediction", "version"
"""The columns that an output has beside those that are kept."""


class BatchError(PennonError):
    """An output cannot be written, or nobody is left to score: nothing is wrong with the rows."""

    exit_code: ClassVar[int] = 16


class Form(StrEnum):
    """How a table lies on the disk; its suffix."""

    CSV = "csv"
    PARQUET = "parquet"


class Want(msgspec.Struct, frozen=True, kw_only=True):
    """A column that the model reads, and what the contract of its data says of it."""

    name: str
    kind: Kind
    optional: bool = False
    among: tuple[Scalar, ...] | None = None
    personal: bool = False


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What makes an output: the same job gives the same bytes. `input` is a digest."""

    model: str
    version: str
    artifact: str
    input: str
    keep: tuple[str, ...]
    form: Form
    skip: bool
    chunk: int
    pennon: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker has to know to score any chunk of one file, which messages call `file`.

    `path` is the file on the machine where the command runs, `names` are all its columns, `header`
    is the first line of a CSV file, as it is.
    """

    file: str
    path: str
    source: Form
    names: tuple[str, ...]
    header: bytes
    wants: tuple[Want, ...]
    job: Job


class Place(msgspec.Struct, frozen=True):
    """Where in a file something begins: `of` is its reader's own matter, `row` counts from 0."""

    of: tuple[int, ...]
    row: int


class Chunk(msgspec.Struct, frozen=True):
    """Rows as bytes, or, while there are none, the `span` of the file's bytes that they are.

    `first` counts the rows before, `next` is where the following chunk begins, `share` how far in
    the file.
    """

    first: int
    next: Place
    share: float
    data: bytes = b""
    span: tuple[int, int] = (0, 0)


class Scored(msgspec.Struct, frozen=True):
    """`rows` were in the chunk, of which `bad` could not be scored; both as bytes of a file."""

    rows: int
    bad: int
    data: bytes
    bad_data: bytes
