"""The small checker agrees with the library that tests may use."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no stubs

from pennon.serving.contract.shape import misfits, understood

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)
TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"]
LEAVES: Any = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, unique=True),
        "minimum": st.integers(-2, 2),
        "maximum": st.integers(-2, 2),
        "pattern": st.just("^a"),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "enum": st.lists(VALUES, min_size=1, max_size=2),
        "const": st.sampled_from([0, 1, True, "a"]),
        "required": st.lists(st.sampled_from("ab"), unique=True),
        "additionalProperties": st.booleans(),
    },
)
SCHEMAS: Any = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda leaf, part, items: leaf | {"properties": {"a": part}, "items": items},
        LEAVES,
        inner,
        inner,
    ),
    max_leaves=4,
)


@settings(max_examples=400, deadline=None)
@given(value=VALUES, schema=SCHEMAS)
def test_a_value_fits_where_the_library_says_so(value: object, schema: dict[str, Any]) -> None:
    understood(schema)
    ours = list(misfits(value, schema))
    assert (not ours) == Draft202012Validator(schema).is_valid(value), ours
