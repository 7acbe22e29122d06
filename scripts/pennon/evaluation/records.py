"""What an evaluation found: plain values for evaluation.json, the gates and the report."""

from __future__ import annotations

import msgspec

from pennon.config import Against, Task


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of the candidate and of whoever it is compared with, on the same rows.

    `difference` is candidate - reference, with its interval; the `improvement` properties turn
    it so that more is better. All in the metric's own unit.
    """

    metric: str
    greater_is_better: bool
    candidate: float
    candidate_low: float
    candidate_high: float
    reference: float
    difference: float
    low: float
    high: float

    @property
    def improvement(self) -> float:
        return self.difference if self.greater_is_better else -self.difference

    @property
    def improvement_low(self) -> float:
        return self.low if self.greater_is_better else -self.high

    @property
    def improvement_high(self) -> float:
        return self.high if self.greater_is_better else -self.low


class SliceScores(msgspec.Struct, frozen=True, kw_only=True):
    """The scores among the rows where `column` is `value`; `why` tells why there are none."""

    column: str
    value: str
    rows: int
    scores: tuple[Scores, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        return f"{self.column}={self.value}"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The candidate beside one reference: a version such as `v1.0.0`, or the constant baseline."""

    against: Against
    name: str
    rows: int
    method: str
    confidence: float
    resamples: int
    seed: int
    scores: tuple[Scores, ...]
    slices: tuple[SliceScores, ...] = ()

    def score(self, metric: str) -> Scores | None:
        return next((scores for scores in self.scores if scores.metric == metric), None)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """A confusion matrix at one threshold."""

    true_negative: int
    false_positive: int
    false_negative: int
    true_positive: int


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    candidate: Counts
    champion: Counts | None = None


class Residuals(msgspec.Struct, frozen=True, kw_only=True):
    """Quantiles of prediction - truth, in the target's unit."""

    quantiles: tuple[float, ...]
    candidate: tuple[float, ...]
    champion: tuple[float, ...] | None = None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured of a candidate on the sealed rows."""

    model: str
    task: Task
    metric: str
    rows: int
    positive_rate: float | None
    holdout: str
    threshold: float
    comparisons: tuple[Comparison, ...]
    confusion: Confusion | None = None
    residuals: Residuals | None = None

    def against(self, who: Against) -> Comparison | None:
        return next((found for found in self.comparisons if found.against is who), None)
