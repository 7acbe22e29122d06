"""What moves a version, and the reason that goes into the record."""

from __future__ import annotations

import msgspec
import pytest

from pennon.flows.registration.bump import Side, decide
from pennon.flows.versions.changes import Recipe

RECIPE = Recipe(code="c", params="p", data="d", environment="e", model="m")
FACE = {"input age": "number", "task": "classification", "target": "left"}
BEFORE = Side(RECIPE, FACE)


def recipe(**changes: str) -> Recipe:
    return msgspec.structs.replace(RECIPE, **changes)


@pytest.mark.parametrize(
    ("now", "part", "why"),
    [
        (Side(recipe(data="x"), FACE), "patch", "only the data is newer"),
        (Side(recipe(params="x", data="x"), FACE), "minor", "it is built otherwise: the params"),
        (
            Side(recipe(code="x", environment="x"), FACE),
            "minor",
            "it is built otherwise: the code, the environment",
        ),
        (
            Side(recipe(model="x"), FACE | {"target": "stays"}),
            "major",
            "the interface changed: target was left, is stays",
        ),
        (
            Side(recipe(data="x"), FACE | {"input spend": "number"}),
            "major",
            "the interface changed: input spend came",
        ),
        (
            Side(RECIPE, FACE | {"input age": "integer"}),
            "major",
            "the interface changed: input age was number, is integer",
        ),
    ],
)
def test_what_changed_decides_which_part_moves(now: Side, part: str, why: str) -> None:
    decided = decide(BEFORE, now)
    assert (decided.part, decided.why) == (part, why)


def test_without_knowledge_of_the_version_before_it_is_a_minor_one() -> None:
    assert decide(None, BEFORE).part == "minor"
