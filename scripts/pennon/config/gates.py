"""gates.yaml: what a promotion needs, written by validators, decided in `evaluation`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from pennon.config.project import Record


class Against(StrEnum):
    """Whom a relative gate compares the candidate with."""

    CHAMPION = "champion"
    BASELINE = "baseline"


class Unsure(StrEnum):
    """What a gate does when the rows are too few to tell."""

    BLOCK = "block"
    ALLOW = "allow"


class Superior(Record, frozen=True, kw_only=True):
    """Better beyond noise: the whole interval of the difference lies above `by`."""

    than: Against = Against.CHAMPION
    by: float = 0.0


class NotWorse(Record, frozen=True, kw_only=True):
    """Non-inferior: the whole interval of the difference lies above -`margin`."""

    than: Against = Against.CHAMPION
    margin: Annotated[float, msgspec.Meta(ge=0)]


class Gate(Record, frozen=True, kw_only=True):
    """One check. Exactly one of `min`, `max`, `superior`, `not_worse`; `slice` names a column."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    metric: str
    why: str = ""
    models: tuple[str, ...] = ()
    slice: str | None = None
    min: float | None = None
    max: float | None = None
    superior: Superior | None = None
    not_worse: NotWorse | None = None
    unsure: Unsure = Unsure.BLOCK
    min_rows: Annotated[int, msgspec.Meta(ge=1)] = 100


class Approvals(Record, frozen=True, kw_only=True):
    """People besides the gates: how many have to have approved the version's pull request.

    `by` are the logins that count; everybody's but the author's where it is empty.
    """

    needed: Annotated[int, msgspec.Meta(ge=0)] = 0
    by: tuple[str, ...] = ()


class Gates(Record, frozen=True, kw_only=True):
    """The whole file. `confidence` is that of the intervals, before gates share it.

    `looks` is how many versions may be judged on the same sealed rows: each may spend its share of
    the error.
    """

    gates: tuple[Gate, ...] = ()
    approvals: Approvals = Approvals()
    confidence: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.95
    looks: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 20
    resamples: Annotated[int, msgspec.Meta(ge=200, le=20000)] = 1000

    def of(self, model: str) -> tuple[Gate, ...]:
        return tuple(gate for gate in self.gates if not gate.models or model in gate.models)
