"""Make a prediction of the log again, by the version that made it, and compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.cells import rows_of
from pennon.artifacts.score import Apart
from pennon.errors import DataError
from pennon.flows.versions.bundle import bundle
from pennon.flows.world import World
from pennon.registry import version

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MASK = "(personal)"
"""What the log has instead of what is personal."""


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """What a line of the prediction log has to tell here; it has more."""

    at: str
    id: str
    model: str
    version: str
    role: str = "live"
    inputs: list[dict[str, Any]] = []
    predictions: list[float] | None = None
    error: str | None = None


class _Id(msgspec.Struct):
    id: str


class Repredicted(msgspec.Struct, frozen=True, kw_only=True):
    """`largest` is the largest absolute difference; `logged` and `again` have one for each row.

    `role` tells who was asked: the version that answered, or one beside it.
    """

    id: str
    at: str
    model: str
    version: str
    role: str
    same: bool
    largest: float
    rows: int
    logged: tuple[float, ...]
    again: tuple[float, ...]


def repredict(
    world: World, request: str, logs: Sequence[Path], *, tolerance: float = 0.0
) -> tuple[Repredicted, ...]:
    """One for each version that scored the request.

    Raises DataError where the log has not the request, or not what was asked; RegistryError and
    ArtifactError where the version is not there any more.
    """
    lines = list(_found(request, logs))
    if not lines:
        raise DataError(
            f"no line of {', '.join(map(str, logs))} has the id {request!r}",
            hint="old lines are in older files, or in the log of another server: --log FILE",
        )
    return tuple(_again(world, line, tolerance) for line in lines)


def _found(request: str, logs: Iterable[Path]) -> Iterator[Logged]:
    for file in _files(logs):
        try:
            with file.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    yield from _matching(request, line, f"{file}:{number}")
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror}") from None


def _files(logs: Iterable[Path]) -> Iterator[Path]:
    for path in logs:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(path.glob("*.jsonl"))
        if not inside:
            raise DataError(f"{path} has no file that ends in .jsonl", hint="correct --log")
        yield from inside


def _matching(request: str, line: bytes, place: str) -> Iterator[Logged]:
    """The line, if it is of the request. One that is cut off is of nobody."""
    try:
        if msgspec.json.decode(line, type=_Id).id == request:
            yield msgspec.json.decode(line, type=Logged)
    except msgspec.ValidationError as error:
        raise DataError(f"{place} is no line of a prediction log: {error}") from None
    except msgspec.DecodeError:
        return


def _again(world: World, line: Logged, tolerance: float) -> Repredicted:
    logged = _complete(line)
    state = world.state(line.model)
    folder = bundle(world, state, version(line.version))
    again = Apart(folder, _scored, line.inputs).result().tolist()
    if len(again) != len(logged):
        raise DataError(f"{line.id}: {len(logged)} predictions were logged for {len(again)} rows")
    largest = max((abs(a - b) for a, b in zip(again, logged, strict=True)), default=0.0)
    return Repredicted(
        id=line.id,
        at=line.at,
        model=line.model,
        version=line.version,
        role=line.role,
        same=largest <= tolerance,
        largest=largest,
        rows=len(again),
        logged=tuple(logged),
        again=tuple(again),
    )


def _complete(line: Logged) -> list[float]:
    """The predictions of a line that has all it takes. Raises DataError."""
    if line.predictions is None:
        why = line.error or "it has no predictions"
        raise DataError(f"{line.id} was not answered: {why}", hint="there is nothing to compare")
    masked = sorted({name for row in line.inputs for name, value in row.items() if value == MASK})
    if masked:
        raise DataError(
            f"{line.id} cannot be predicted again: the log does not hold {', '.join(masked)}, "
            "which the data's contract calls personal",
            hint="ask the one who sent it for these values, and pennon serve the version",
        )
    if not line.inputs:
        raise DataError(f"{line.id} cannot be predicted again: the log does not hold its inputs")
    return line.predictions


def _scored(folder: Path, inputs: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Runs in a process of its own, by the version's own code."""
    import numpy as np  # noqa: PLC0415  the ML stack

    it = Bundle(folder)
    return np.asarray(it.score(rows_of(inputs, it.facts.signature.inputs)), dtype=np.float64)
