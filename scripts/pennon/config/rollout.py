"""rollout.yaml: how a challenger gets its traffic, and what has to be known before it is promoted.

Who the challenger is and which step it has reached is no configuration: the registry says it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from pennon.config.project import Record

ROLLOUT = "rollout.yaml"

Part = Annotated[float, msgspec.Meta(gt=0, le=1)]
Hours = Annotated[float, msgspec.Meta(ge=0)]
Margin = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class Mode(StrEnum):
    """What becomes of the challenger's answers."""

    SHADOW = "shadow"  # it scores the same requests; its answers are logged, never given
    CANARY = "canary"  # it answers a share of them that grows step by step
    AB = "ab"  # it answers one share of the keys until the goal is decided


class Measure(StrEnum):
    """What one request is worth once its outcome is known."""

    OUTCOME = "outcome"  # the number in the outcomes file itself: a sale, an amount
    ACCURACY = "accuracy"  # the outcome is the truth: is the label right
    BRIER_SCORE = "brier_score"
    MEAN_ABSOLUTE_ERROR = "mean_absolute_error"
    MEAN_SQUARED_ERROR = "mean_squared_error"


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


class Step(Record, frozen=True, kw_only=True):
    """The share of the requests, and what the challenger needs before the next step."""

    share: Part
    requests: Annotated[int, msgspec.Meta(ge=0)] = 0
    hours: Hours = 0.0


class Errors(Record, frozen=True, kw_only=True):
    """Failed requests: at most `margin` more of all than with the live version."""

    margin: Margin


class Slow(Record, frozen=True, kw_only=True):
    """Requests that take longer than `over` milliseconds, likewise.

    "p99 under 250 ms" is to say that at most 1 % take longer than 250 ms.
    """

    over: Annotated[float, msgspec.Meta(gt=0)]
    margin: Margin


class Guards(Record, frozen=True, kw_only=True):
    """What may not become worse. `window`: see Goal; here it is the key's first request alone."""

    errors: Errors | None = None
    slow: Slow | None = None
    window: Hours = 0.0


class Goal(Record, frozen=True, kw_only=True):
    """What should become better, and the `smallest` difference that is worth a promotion.

    `bounds` hold the values; those outside count as the bound. Where keys are split, not requests,
    a key counts once: with the mean of what it did in the `window` hours after its first request.
    """

    measure: Measure
    smallest: Annotated[float, msgspec.Meta(gt=0)]
    better: Better = Better.LOWER
    bounds: tuple[float, float] = (0.0, 1.0)
    window: Hours = 24.0


class Rollout(Record, frozen=True, kw_only=True):
    """One model's.

    `key` is the column that is split by; without one it is the header X-Pennon-Key, or where a
    request has none, the request itself.

    `alpha` bounds the probability that anything said of guards and goal is ever wrong, however
    often one looks. `power` is for the estimate of how long it takes. After `days` whatever is
    not decided is aborted. Servers follow a new step within `settle` seconds: those do not count.
    """

    environment: str
    mode: Mode
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1)]
    stage: str = "challenger"
    key: str = ""
    salt: str = ""
    guards: Guards = Guards()
    goal: Goal | None = None
    alpha: Annotated[float, msgspec.Meta(gt=0, lt=0.5)] = 0.05
    power: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.8
    days: Annotated[float, msgspec.Meta(gt=0)] = 14.0
    settle: Annotated[float, msgspec.Meta(ge=0)] = 60.0

    def drawn(self, version: str) -> str:
        """The salt of a challenger's split: another challenger gets other keys."""
        return f"{self.salt}{version}"

    @property
    def questions(self) -> int:
        """How many guards and goals share `alpha`."""
        asked = (self.guards.errors, self.guards.slow, self.goal)
        return sum(it is not None for it in asked)


class Rollouts(Record, frozen=True, kw_only=True):
    """The whole file."""

    models: dict[str, Rollout] = msgspec.field(default_factory=dict)
