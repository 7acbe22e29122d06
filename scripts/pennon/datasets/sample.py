"""The rows that a pull request trains on: the same for the same data, in the same proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pennon.config import Dataset
from pennon.datasets.holdout import hashes
from pennon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def sample(train: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """At most `dataset.sample.rows` training rows, each group of `by` with its share.

    A row is drawn by the hash of its key: more data replaces few rows, another order none.
    """
    wanted = dataset.sample
    if len(train) <= wanted.rows:
        return train
    missing = [name for name in wanted.by if name not in train.columns]
    if missing:
        raise DataError(f"sample.by names {missing[0]!r}, which {dataset.source} has not")
    order = train.assign(__hash=hashes(train, dataset, "sample")).sort_values(
        "__hash", kind="stable"
    )
    if not wanted.by:
        return train.loc[order.index[: wanted.rows].sort_values()]
    share = wanted.rows / len(train)
    groups = order.groupby(list(wanted.by), sort=False, dropna=False)
    rank = groups.cumcount()
    size = groups["__hash"].transform("size")
    chosen = order.index[rank < (size * share).round().clip(lower=1)]
    return train.loc[chosen.sort_values()]
