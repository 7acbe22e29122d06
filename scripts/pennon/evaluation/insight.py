"""What is found out about a candidate, and decides nothing. Records only, light.

`discovery` and `explain` fill them.
"""

from __future__ import annotations

import msgspec

from pennon.config import Against
from pennon.evaluation.aspects import Estimate
from pennon.evaluation.estimate import Noise
from pennon.evaluation.multiplicity import findings


class Weakness(msgspec.Struct, frozen=True, kw_only=True):
    """A slice that a search picked, by its rule: `origin=LGA and distance > 1000`.

    What the candidate says there and what is true, both on average, or its decision metric and
    that of the reference; none where it is not defined. `noise` is of the difference looked for,
    which was above zero in the search, or `below`.
    """

    rule: str
    rows: int
    candidate: float | None
    beside: float | None
    noise: Noise
    below: bool = False

    @property
    def holds(self) -> bool:
        """Is it as the search saw it?"""
        return self.noise.center < 0 if self.below else self.noise.center > 0


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """The weakest slices among those that nobody named, the worst of the search first.

    Its predictions are `off` there on average, or it loses more than the reference: it is `worse`.
    `searched` slices of `columns` columns were large enough to be looked at; `rows` gave the
    figures. `left_out` columns were too many, or there was no time left.
    """

    against: Against
    loss: str
    rows: int
    searched: int
    columns: int
    left_out: int
    confidence: float
    seed: int
    seconds: float
    method: str
    off: tuple[Weakness, ...] = ()
    worse: tuple[Weakness, ...] = ()

    @property
    def found(self) -> tuple[Weakness, ...]:
        """Those that are beyond noise, all taken together (Benjamini and Hochberg 1995)."""
        both = (*self.off, *self.worse)
        beyond = findings([it.noise.p_value() for it in both], 1 - self.confidence)
        pairs = zip(both, beyond, strict=True)
        return tuple(it for it, is_beyond in pairs if is_beyond and it.holds)


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What a column adds to predictions, in their unit; `size` is the mean of it without its sign.

    `quantiles` are of it over rows, those of Explanation. `rises` is the rank correlation with the
    column's own value, where that is a number.
    """

    name: str
    size: Estimate
    quantiles: tuple[float, ...]
    rises: float | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What makes `rows` predictions differ from `base`, the mean of `background` other rows.

    The largest first; `left_out` columns have less. `why` tells why there is nothing.
    """

    rows: int
    background: int
    base: float
    quantiles: tuple[float, ...]
    seed: int
    seconds: float
    confidence: float
    method: str
    features: tuple[Contribution, ...] = ()
    left_out: int = 0
    why: str = ""
