"""Is a record of somebody else made of numbers and texts that anybody could have meant? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import msgspec

from pennon.errors import EvaluationError

LARGEST = 1e30
MOST_ITEMS = 5_000
LONGEST_TEXT = 10_000
_MAY_BE_NEGATIVE = {"seed"}
_SHARES = {"confidence"}


def sane(record: msgspec.Struct, name: str) -> None:
    """Raises EvaluationError, with the place, for the first thing that is not.

    Numbers are finite and of a size that can be printed, counts are not negative, intervals do not
    end before they begin, texts and lists have an end. For any record: new fields are held to it.
    """
    for problem in _problems(record, name):
        raise EvaluationError(problem)


def _problems(value: Any, at: str) -> Iterator[str]:  # noqa: ANN401  any record
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            yield f"{at} is a text of {len(value)} characters"
    elif isinstance(value, msgspec.Struct):
        yield from _record(value, at)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number(value, at)
    elif isinstance(value, dict | tuple):
        if len(value) > MOST_ITEMS:
            yield f"{at} has {len(value)} entries"
        items = enumerate(value) if isinstance(value, tuple) else enumerate(value.items())
        for i, item in items:  # by number: a key is somebody's text
            yield from _problems(item, f"{at}[{i}]")


def _number(value: float, at: str) -> Iterator[str]:
    if not isfinite(value) or abs(value) > LARGEST:
        yield f"{at} is no number that can be shown"
    elif isinstance(value, int) and value < 0 and at.rpartition(".")[2] not in _MAY_BE_NEGATIVE:
        yield f"{at} is a count below zero"
    elif at.rpartition(".")[2] in _SHARES and not 0 < value < 1:
        yield f"{at} is no probability"


def _record(value: msgspec.Struct, at: str) -> Iterator[str]:
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    for name, item in fields.items():
        yield from _problems(item, f"{at}.{name}")
    for low, high in (("low", "high"), ("candidate_low", "candidate_high")):
        if low in fields and fields[low] > fields[high]:
            yield f"{at}: an interval ends before it begins"
