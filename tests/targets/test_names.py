"""Names for clusters, references to images: what those who read them take."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pennon.targets.image import digest_of, is_pinned, is_reference
from pennon.targets.names import dns
from pennon.targets.place import folder

NAMES = st.text("aZ0-_/:.é", min_size=1, max_size=60)


@given(st.lists(NAMES, min_size=1, max_size=2), st.integers(20, 63))
@example(["9"], 20)
def test_every_name_becomes_a_label(parts: list[str], most: int) -> None:
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", dns(*parts, most=most))
    assert len(dns(*parts, most=most)) <= most


@given(st.lists(NAMES, min_size=1, max_size=2), st.lists(NAMES, min_size=1, max_size=2))
@example(["a-b", "c"], ["a", "b-c"])
@example(["Churn"], ["churn"])
def test_other_names_become_other_labels(one: list[str], other: list[str]) -> None:
    assert len(one) != len(other) or (dns(*one) == dns(*other)) == (one == other)


def test_a_name_that_is_a_label_stays_as_it_is() -> None:
    assert dns("churn") == "churn"
    assert dns("staging", "late-flights") == "staging-late-flights"


def test_no_hash_can_be_had_by_name() -> None:
    """Else somebody could call a model what another one's label is."""
    assert dns(dns("eu/churn")) != dns("eu/churn")


def test_no_model_lies_in_the_folder_of_another() -> None:
    assert folder("deploy", "staging", "eu/churn") == "deploy/staging/eu%2Fchurn"


DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("image", "reference", "pinned"),
    [
        (f"ghcr.io/acme/churn@{DIGEST}", True, True),
        (f"localhost:5000/churn:v1@{DIGEST}", True, True),
        ("churn:v1.0.0", True, False),
        ("churn", True, False),
        ("", False, False),
        (f"ghcr.io/acme/churn@{DIGEST[:-1]}", False, False),
        (f"ghcr.io/Acme/churn@{DIGEST}", False, False),
        (f"churn@{DIGEST}\n", False, False),
        ("churn; rm", False, False),
    ],
)
def test_a_reference_is_pinned_by_a_whole_digest(
    image: str, *, reference: bool, pinned: bool
) -> None:
    assert (is_reference(image), is_pinned(image)) == (reference, pinned)
    assert digest_of(image) == (DIGEST if pinned else "")
