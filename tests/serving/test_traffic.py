"""Which version answers a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.artifacts.served import Mode, Split
from pennon.serving.traffic import answers, shadows

SHARES = st.floats(0, 1)


@given(st.text(), SHARES, SHARES)
def test_a_share_that_grows_keeps_its_keys(key: str, one: float, other: float) -> None:
    small, large = sorted([one, other])
    if answers(Split(mode=Mode.SPLIT, share=small), key):
        assert answers(Split(mode=Mode.SPLIT, share=large), key)


@given(st.text())
def test_everybody_and_nobody(key: str) -> None:
    assert answers(Split(mode=Mode.SPLIT, share=1), key)
    assert not answers(Split(mode=Mode.SPLIT, share=0), key)
    assert not answers(None, key)


@given(st.text())
def test_a_shadow_never_answers(key: str) -> None:
    split = Split(mode=Mode.SHADOW, share=1)
    assert shadows(split, key)
    assert not answers(split, key)


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5])
def test_the_share_of_many_keys_is_the_share(share: float) -> None:
    keys = [f"customer-{i}" for i in range(50_000)]
    found = sum(answers(Split(mode=Mode.SPLIT, share=share, salt="s"), key) for key in keys)
    assert abs(found / len(keys) - share) < 4 * (share * (1 - share) / len(keys)) ** 0.5


def test_another_salt_is_another_draw() -> None:
    keys = [f"customer-{i}" for i in range(100)]
    one, other = (
        [answers(Split(mode=Mode.SPLIT, share=0.5, salt=salt), key) for key in keys]
        for salt in ("a", "b")
    )
    assert one != other
