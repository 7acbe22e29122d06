"""What a value asks for, and another one holds: more than that is no difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.flows.upkeep.containment import differences, merged

NAMES = st.sampled_from(["type", "a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("wanted", "there", "found"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, []),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": ["x"]}, {"a": ["x", "y"]}, ["a: x, y → x"]),
        ({"a": ["x", "x"]}, {"a": ["x", "y"]}, ["a: x, y → x, x"]),
        ({"a": []}, {}, []),
        ({"a": []}, {"a": [{"id": 5, "on": True}]}, ["a: 5 true → none"]),
        ({"a": {"b": 1}}, {}, ["a.b: none → 1"]),
        ({"a": {"b": 1}}, {"a": 2}, ["a: 2 → 1"]),
        ({"r": [{"type": "a"}]}, {"r": [{"type": "a", "p": {"q": 1}}]}, []),
        ({"r": [{"type": "a"}, {"type": "b"}]}, {"r": [{"type": "b"}]}, ["r: b → a, b"]),
        ({"r": [{"type": "a", "p": 1}]}, {"r": [{"type": "a", "p": 2}]}, ["r.a.p: 2 → 1"]),
    ],
)
def test_only_what_is_asked_for_is_compared(
    wanted: dict[str, Any], there: dict[str, Any], found: list[str]
) -> None:
    assert [f"{path}: {what}" for path, what in differences(wanted, there)] == found


@given(VALUES)
def test_a_value_holds_itself(value: Any) -> None:  # noqa: ANN401  any JSON
    assert list(differences(value, value)) == []


@given(VALUES, VALUES)
def test_what_is_merged_holds_all_that_was_asked_for(wanted: Any, there: Any) -> None:  # noqa: ANN401  any JSON
    assert list(differences(wanted, merged(wanted, there))) == []


def test_what_is_merged_keeps_what_was_not_asked_for() -> None:
    there = {"a": 1, "r": [{"type": "x", "p": {"q": 1, "s": 2}}, {"type": "y"}]}
    wanted = {"r": [{"type": "x", "p": {"q": 3}}]}
    assert merged(wanted, there) == {"a": 1, "r": [{"type": "x", "p": {"q": 3, "s": 2}}]}
