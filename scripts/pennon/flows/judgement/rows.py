"""The rows of a run: read, checked against contract and lock, split, sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pennon.config import Config, Dataset, Lock, dataset_file
from pennon.datasets import (
    Finding,
    breaches,
    content_digest,
    differences,
    read,
    sample,
    schema_digest,
    split,
)
from pennon.errors import DataError
from pennon.flows.judgement.yardsticks import Yardsticks, yardsticks
from pennon.flows.world import World

if TYPE_CHECKING:
    import pandas as pd

SAMPLE, FULL = "sample", "full"


class BrokenDataError(DataError):
    """The rows are not what contract and lock say; `findings` has all of it."""

    def __init__(self, name: str, findings: list[Finding]) -> None:
        lines = "".join(f"\n  {finding}" for finding in findings)
        super().__init__(
            f"{dataset_file(name)}: the data breaks its contract or lock:{lines}",
            hint=f"mend the data, or change the contract and run: pennon data lock {name}",
        )
        self.findings = findings


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """`pool` holds all rows that nobody sealed; `train` those of them that this run trains on.

    `judged` are the rows that judge it: the sealed ones, unless it trains on a sample that leaves
    more rows than those. A sealed row is looked at as seldom as can be.
    """

    name: str
    lock: Lock
    pool: pd.DataFrame
    train: pd.DataFrame
    holdout: pd.DataFrame
    holdout_digest: str
    judged: pd.DataFrame
    yardsticks: Yardsticks

    @property
    def sealed(self) -> bool:
        """Whether the sealed rows judge."""
        return self.judged is self.holdout

    @property
    def sampled(self) -> bool:
        return len(self.train) < len(self.pool)


def seen(world: World, dataset: Dataset) -> tuple[pd.DataFrame, Lock]:
    """The rows as they are, and the lock that would fit them."""
    frame = read(world.root, dataset)
    columns = [str(name) for name in frame.columns]
    return frame, Lock(
        content=content_digest(world.root, dataset),
        schema=schema_digest(dataset.contract, columns),
        rows=len(frame),
    )


def prepare(world: World, config: Config, model: str, data: str) -> Rows:
    """Rows for a run on `sample`, `full` or the file at a path.

    Raises BrokenDataError, and UserCodeError of a function that labels rows.
    """
    name = config.model(model).dataset
    dataset = config.dataset_of(model)
    elsewhere = data not in (SAMPLE, FULL)
    if elsewhere:
        dataset = msgspec.structs.replace(dataset, source=data, lock=None)
    frame, lock = seen(world, dataset)
    findings = breaches(frame, dataset)
    if not elsewhere:
        findings += differences(dataset, lock, dataset_file(name))
    if findings:
        raise BrokenDataError(name, findings)
    parts = split(frame, dataset)
    train = sample(parts.train, dataset) if data == SAMPLE else parts.train
    outside = parts.train[~parts.train.index.isin(train.index)]
    judged = outside if len(outside) > len(parts.holdout) else parts.holdout
    return Rows(
        name=name,
        lock=lock,
        pool=parts.train,
        train=train,
        holdout=parts.holdout,
        holdout_digest=parts.digest,
        judged=judged,
        yardsticks=yardsticks(config, model, judged, world.root),
    )
