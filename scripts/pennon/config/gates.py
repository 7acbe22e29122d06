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
    VERSION = "version"  # one that is named, such as v1.0.0


Than = Annotated[str, msgspec.Meta(pattern=r"^(champion|baseline|v\d+\.\d+\.\d+([-+].+)?)$")]


class Unsure(StrEnum):
    """What a gate does when the rows are too few to tell."""

    BLOCK = "block"
    ALLOW = "allow"


class Superior(Record, frozen=True, kw_only=True):
    """Better beyond noise: the whole interval of the difference lies above `by`."""

    than: Than = Against.CHAMPION
    by: float = 0.0
    draws: bool = False


class NotWorse(Record, frozen=True, kw_only=True):
    """Non-inferior: the whole interval of the difference lies above -`margin`."""

    than: Than = Against.CHAMPION
    margin: Annotated[float, msgspec.Meta(ge=0)]
    draws: bool = False


class Gate(Record, frozen=True, kw_only=True):
    """One check. Exactly one of `min`, `max`, `superior`, `not_worse`; `slice` is one of a model's.

    `owner` answers for it, and `page` explains it (a path in the repository, or an address); those
    of the whole file where it names none.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    metric: str
    why: str = ""
    owner: str = ""
    page: str = ""
    models: tuple[str, ...] = ()
    slice: str | None = None
    min: float | None = None
    max: float | None = None
    superior: Superior | None = None
    not_worse: NotWorse | None = None
    unsure: Unsure = Unsure.BLOCK
    min_rows: Annotated[int, msgspec.Meta(ge=1)] = 100

    @property
    def than(self) -> str:
        """What a relative rule names: champion, baseline, a version; empty for an absolute one."""
        relative = self.superior or self.not_worse
        return relative.than if relative else ""

    @property
    def draws(self) -> bool:
        """Does it compare recipes, over many trainings, and not two models?"""
        relative = self.superior or self.not_worse
        return relative is not None and relative.draws

    @property
    def against(self) -> Against | None:
        """Whom it compares with, if it compares."""
        if not self.than:
            return None
        return Against(self.than) if self.than in set(Against) else Against.VERSION


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
    owner: str = ""
    page: str = ""
    approvals: Approvals = Approvals()
    confidence: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.95
    looks: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 20
    resamples: Annotated[int, msgspec.Meta(ge=200, le=20000)] = 1000

    def of(self, model: str) -> tuple[Gate, ...]:
        """Those of a model, each with its owner and page."""
        return tuple(
            msgspec.structs.replace(
                gate, owner=gate.owner or self.owner, page=gate.page or self.page
            )
            for gate in self.gates
            if not gate.models or model in gate.models
        )

    def versions(self, model: str) -> tuple[str, ...]:
        """The versions that gates of the model compare with by name, each once."""
        named = (gate.than for gate in self.of(model) if gate.against is Against.VERSION)
        return tuple(dict.fromkeys(named))
