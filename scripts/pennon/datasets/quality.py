"""What a table is like for people who want to use it: its profile, quartiles, duplicate keys.

Of rows that may break their contract; what is personal shows no more than in a profile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from pennon.config import Dataset
from pennon.datasets.finding import Finding
from pennon.datasets.profile import ColumnProfile, floats, profile

if TYPE_CHECKING:
    import pandas as pd


class Quartiles(msgspec.Struct, frozen=True, kw_only=True):
    """Of finite values; moments are seconds since 1970 in UTC."""

    low: float
    first: float
    middle: float
    third: float
    high: float


class ColumnQuality(msgspec.Struct, frozen=True, kw_only=True):
    """`quartiles` where the profile has numbers: not of what is personal or names rows."""

    profile: ColumnProfile
    quartiles: Quartiles | None = None


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """`duplicate_keys` counts rows with the key of an earlier one; None without a key column.

    `left_out` counts columns beyond those that a profile has.
    """

    rows: int
    duplicate_keys: int | None
    columns: tuple[ColumnQuality, ...]
    left_out: int = 0


def quality(frame: pd.DataFrame, dataset: Dataset, findings: Iterable[Finding]) -> Quality:
    """`findings` are the breaches of these rows: a column of a wrong type has no profile."""
    odd = [it.column for it in findings if it.code == "wrong-type"]
    found = profile(frame.drop(columns=odd), dataset)
    keys = list(dataset.key)
    known = all(name in frame.columns for name in keys)
    return Quality(
        rows=found.rows,
        duplicate_keys=int(frame[keys].duplicated().sum()) if known else None,
        columns=tuple(
            ColumnQuality(
                profile=it, quartiles=quartiles(frame[it.name].dropna()) if it.numbers else None
            )
            for it in found.columns
        ),
        left_out=found.left_out,
    )


def quartiles(present: pd.Series) -> Quartiles | None:
    """Linear between two values (numpy's default); None where no value is finite."""
    import numpy as np  # noqa: PLC0415  only where there are rows

    values = floats(present)
    if not values.size:
        return None
    low, first, middle, third, high = map(float, np.percentile(values, (0, 25, 50, 75, 100)))
    return Quartiles(low=low, first=first, middle=middle, third=third, high=high)
