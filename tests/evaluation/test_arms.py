"""The split: the key's own, uniform, and a growing share keeps the keys that it has."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.config import Column, Contract, Dataset, Holdout, Kind
from pennon.datasets.holdout import hashes
from pennon.evaluation.arms import challenged, place

SHARES = st.floats(0, 1)


@given(st.text(), st.text(), SHARES, SHARES)
def test_a_key_in_a_share_is_in_every_greater_one(key: str, salt: str, a: float, b: float) -> None:
    small, large = sorted((a, b))
    assert challenged(key, salt, large) or not challenged(key, salt, small)


@given(st.text(), st.text())
def test_nobody_is_in_a_share_of_nothing_and_all_are_in_the_whole(key: str, salt: str) -> None:
    assert not challenged(key, salt, 0)
    assert challenged(key, salt, 1)


def test_a_key_has_its_place_for_ever() -> None:
    assert place("ada", "v1.1.0") == pytest.approx(0.216956948785, abs=1e-12)


def test_places_are_uniform_and_another_salt_draws_anew() -> None:
    keys = [f"key {i}" for i in range(20_000)]
    tenths = [0] * 10
    for key in keys:
        tenths[int(place(key, "a") * 10)] += 1
    # 27.9: chi-square with nine degrees of freedom is above it once in a thousand.
    assert sum((n - 2000) ** 2 / 2000 for n in tenths) < 27.9
    both = sum(challenged(key, "a", 0.5) and challenged(key, "b", 0.5) for key in keys)
    assert both == pytest.approx(5000, abs=250)


def test_the_hash_is_that_of_the_holdout() -> None:
    columns = {"id": Column(type=Kind.STRING)}
    contract = Contract(columns=columns)
    dataset = Dataset(source="x", key=("id",), contract=contract, holdout=Holdout(salt="s"))
    frame = pd.DataFrame({"id": ["ada", "bob", "eve"]})
    assert [place(key, "s") for key in frame["id"]] == pytest.approx(list(hashes(frame, dataset)))
