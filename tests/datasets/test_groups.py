"""Rows that belong together get the same label, and intervals know it."""

from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd

from pennon.config import Against, Blocks, Dataset, Task
from pennon.datasets.groups import groups
from pennon.evaluation.compare import Reference, evaluate
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import Method

TEXT = {
    "source": "x.csv",
    "key": ["id"],
    "time": "at",
    "contract": {"columns": {"id": {"type": "string"}, "who": {"type": "string"}}},
}
FRAME = pd.DataFrame(
    {
        "who": ["ann", "bob", "ann", None],
        "at": pd.to_datetime(["2026-11-20T00", "2026-11-21T23", "2026-11-21T01", "2026-12-01T00"]),
    }
)


def dataset(**more: object) -> Dataset:
    return msgspec.convert(TEXT | more, Dataset)


def test_a_column_says_what_belongs_together() -> None:
    found = groups(FRAME, dataset(group="who"))
    assert found is not None
    assert found[0] == found[2] != found[1]


def test_a_stretch_of_time_says_it_too() -> None:
    labels = {
        blocks: len(set(groups(FRAME, dataset(blocks=str(blocks))).tolist()))  # type: ignore[union-attr]  # there are groups
        for blocks in Blocks
    }
    assert labels == {Blocks.DAY: 3, Blocks.WEEK: 2, Blocks.MONTH: 2}


def test_every_row_stands_for_itself_unless_something_says_otherwise() -> None:
    assert groups(FRAME, dataset()) is None


def test_copies_of_rows_are_no_more_evidence() -> None:
    """Each of 200 rows ten times: by groups the interval stays that of the 200."""
    generator = np.random.default_rng(1)
    truth = (generator.random(200) < 0.4).astype(np.float64)
    ours, theirs = (np.clip(truth * 0.4 + generator.random(200) * 0.6, 0, 1) for _ in range(2))
    plan = Plan(model="m", task=Task.CLASSIFICATION, metric="log_loss", resamples=2000)

    def width(times: int, *, grouped: bool) -> float:
        labels = np.repeat(np.arange(200), times) if grouped else None
        many = [np.repeat(values, times) for values in (truth, ours, theirs)]
        found = evaluate(
            plan,
            many[0],
            many[1],
            references=[Reference(Against.CHAMPION, "v1.0.0", many[2])],
            groups=labels,
        )
        it = found.comparisons[0].scores[0]
        assert it.method is (Method.CLUSTERS if grouped else Method.T)
        return it.high - it.low

    alone = width(1, grouped=False)
    assert abs(width(10, grouped=True) / alone - 1) < 0.1
    assert width(10, grouped=False) < alone / 2.5
