"""Which rows are sealed: decided by the row's own key, so that it stays when the data grows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from pennon.config import Dataset
from pennon.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_SCALE = 2.0**-64


class Split(msgspec.Struct, frozen=True):
    """Rows to train on and rows to judge by; `digest` names the sealed keys in any order."""

    train: pd.DataFrame
    holdout: pd.DataFrame
    digest: str


def split(frame: pd.DataFrame, dataset: Dataset) -> Split:
    """Split by `dataset.holdout`. Raises DataError where one side would be empty."""
    sealed = _sealed(frame, dataset)
    train, holdout = frame[~sealed], frame[sealed]
    if train.empty or holdout.empty:
        side = "holdout" if holdout.empty else "training"
        raise DataError(
            f"no row of {dataset.source} falls into the {side} part",
            hint="change `holdout` in the dataset's file",
        )
    return Split(train, holdout, _digest(keys(holdout, dataset)))


def rule(dataset: Dataset) -> str:
    """A digest of how rows are sealed: by another rule other rows are."""
    sealed = dataset.holdout
    said = [*dataset.key, sealed.share, sealed.salt, sealed.after, dataset.time]
    return f"sha256:{hashlib.sha256(repr(said).encode()).hexdigest()}"


def hashes(frame: pd.DataFrame, dataset: Dataset, purpose: str = "") -> NDArray[np.float64]:
    """A number in [0, 1) for each row, from its key alone: a keyed BLAKE2b hash."""
    import numpy as np  # noqa: PLC0415  only where there are rows

    salt = (dataset.holdout.salt + purpose).encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    blake = hashlib.blake2b
    found = b"".join(
        blake(k.encode(), digest_size=8, key=salt).digest() for k in keys(frame, dataset)
    )
    return np.frombuffer(found, dtype=">u8").astype(np.float64) * _SCALE


def keys(frame: pd.DataFrame, dataset: Dataset) -> list[str]:
    """The key of each row as one text."""
    missing = [name for name in dataset.key if name not in frame.columns]
    if missing:
        raise DataError(f"{dataset.source} has no key column {missing[0]!r}")
    columns = [_texts(frame[name], dataset) for name in dataset.key]
    return ["\x1f".join(parts) for parts in zip(*columns, strict=True)]


def shared(train: pd.DataFrame, holdout: pd.DataFrame, dataset: Dataset) -> int:
    """How many of the sealed keys are among the training rows."""
    return len(set(keys(train, dataset)) & set(keys(holdout, dataset)))


def _texts(values: pd.Series, dataset: Dataset) -> list[str]:
    """Each value's text, which no other row changes."""
    import pandas.api.types as kinds  # noqa: PLC0415  as above

    empty = int(values.isna().sum())
    if empty:
        raise DataError(
            f"the key column {values.name!r} of {dataset.source} is empty in {empty} rows",
            hint="a row without a key has no side of the holdout: fill it, or leave the row out",
        )
    if kinds.is_datetime64_any_dtype(values):
        return [moment.isoformat() for moment in values]
    return [str(value) for value in values.tolist()]


def _sealed(frame: pd.DataFrame, dataset: Dataset) -> NDArray[np.bool_]:
    import pandas as pd  # noqa: PLC0415  only where there are rows

    if dataset.holdout.share is not None:
        sealed: NDArray[np.bool_] = hashes(frame, dataset) < dataset.holdout.share
        return sealed
    if dataset.time is None or dataset.time not in frame.columns:
        raise DataError(f"{dataset.source} has no time column {dataset.time!r}")
    moments = pd.to_datetime(frame[dataset.time], utc=True)
    late: NDArray[np.bool_] = (
        moments >= pd.Timestamp(str(dataset.holdout.after), tz="UTC")
    ).to_numpy()
    return late


def _digest(texts: list[str]) -> str:
    digest = hashlib.sha256()
    for text in sorted(texts):
        digest.update(f"{text}\n".encode())
    return f"sha256:{digest.hexdigest()}"
