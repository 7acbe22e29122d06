"""The quality of a table says what numpy says, and nothing of what is personal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pennon.config import Column, Contract, Dataset, Kind
from pennon.datasets import breaches
from pennon.datasets.quality import Quality, quality


def dataset(**columns: Column) -> Dataset:
    return Dataset(source="x.csv", key=("id",), contract=Contract(columns=columns))


def of(frame: pd.DataFrame, **columns: Column) -> Quality:
    it = dataset(**columns)
    return quality(frame, it, breaches(frame, it))


def test_quartiles_are_those_of_numpy() -> None:
    values = np.random.default_rng(3).normal(size=501)
    (found,) = of(pd.DataFrame({"x": values}), x=Column(type=Kind.NUMBER)).columns
    assert found.quartiles
    got = [getattr(found.quartiles, name) for name in found.quartiles.__struct_fields__]
    assert got == np.percentile(values, (0, 25, 50, 75, 100)).tolist()


def test_a_personal_column_has_counts_and_no_values() -> None:
    frame = pd.DataFrame({"x": [31.5, 47.25, np.nan]})
    (found,) = of(frame, x=Column(type=Kind.NUMBER, personal=True, missing=1)).columns
    assert (found.profile.missing, found.profile.distinct, found.profile.why) == (1, 2, "personal")
    assert (found.quartiles, found.profile.numbers, found.profile.labels) == (None, None, None)


def test_rows_with_the_key_of_another_are_counted() -> None:
    frame = pd.DataFrame({"id": [1, 2, 2, 2]})
    assert of(frame, id=Column(type=Kind.INTEGER)).duplicate_keys == 2


def test_a_column_of_a_wrong_type_has_no_profile_and_the_others_have() -> None:
    frame = pd.DataFrame({"x": ["a", "b"], "y": [1.0, 2.0]})
    found = of(frame, x=Column(type=Kind.NUMBER), y=Column(type=Kind.NUMBER))
    assert [it.profile.name for it in found.columns] == ["y"]
    assert found.duplicate_keys is None


def test_no_rows_are_no_error() -> None:
    frame = pd.DataFrame({"x": pd.Series([], dtype="float64")})
    (found,) = of(frame, x=Column(type=Kind.NUMBER)).columns
    assert found.quartiles is None
