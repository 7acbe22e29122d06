"""What a server shall serve: one record in a file, written whole, read again when told to."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec

from pennon.errors import ArtifactError


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A version: its bundle, and the Python of the environment that it runs in."""

    version: str
    bundle: str
    python: str = sys.executable


class Mode(StrEnum):
    """What becomes of the challenger's predictions."""

    SHADOW = "shadow"  # they are logged, never answered
    SPLIT = "split"  # they answer a share of the keys


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """Whose rows the challenger gets: a `share` of the keys, always the same ones.

    `key` is a column of the request; where it is empty, the header X-Pennon-Key or, without one,
    the request's own id.
    """

    mode: Mode
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    salt: str = ""
    key: str = ""


class Serve(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record. `workers` are the processes of each version.

    By its `id` whoever wrote it learns from /version that the server has dealt with it.
    """

    model: str
    live: Part
    challenger: Part | None = None
    split: Split | None = None
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    id: str = ""


def read(file: Path) -> Serve:
    """Raises ArtifactError for a file that is not there or says something else."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Serve)
    except FileNotFoundError:
        raise ArtifactError(f"there is no file {file}") from None
    except msgspec.DecodeError as error:
        raise ArtifactError(f"{file} does not say what to serve: {error}") from None


def write(file: Path, serve: Serve) -> None:
    half = file.with_name(f".{file.name}.half")
    half.write_bytes(msgspec.json.encode(serve))
    half.replace(file)
