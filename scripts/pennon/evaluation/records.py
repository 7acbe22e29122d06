"""What an evaluation found: plain values for evaluation.json, the gates and the report."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pennon.config import Against, Task
from pennon.evaluation.aspects import (
    Draws,
    Fairness,
    Footprint,
    Importance,
    Probes,
)
from pennon.evaluation.estimate import Noise
from pennon.evaluation.insight import Discovery, Explanation

BASELINE = "constant baseline"
"""What it is called: the mean of the training target, for every row."""


class Method(StrEnum):
    """How the noise of a difference was found."""

    BONETT_PRICE = "bonett-price"  # of two proportions over the same rows
    T = "t"  # of a mean over rows
    DELONG = "delong"  # of two ROC AUCs over the same rows
    BOOTSTRAP = "bootstrap"  # of anything, rows drawn
    CLUSTERS = "clusters"  # of anything, groups of rows drawn
    DRAWS = "draws"  # of anything, trained again on other draws


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of the candidate and of whoever it is compared with, on the same rows.

    `difference` is candidate - reference, with its interval at the comparison's confidence; the
    `improvement` properties turn it so that more is better. All in the metric's own unit. `own`
    and `noise` are what the candidate's value and the difference are known by, at any confidence.
    `p_value` is that of an exact test that the difference is 0, where there is one.
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
    own: Noise
    noise: Noise
    method: Method = Method.BOOTSTRAP
    p_value: float | None = None

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
    """The scores among the rows where the slice `column` is `value`; `why` says why none."""

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
    """Everything that was measured of a candidate on the sealed rows.

    `looks` is how often these rows had been looked at, this time included; 0 for rows that are not
    sealed and will not be looked at again.
    """

    model: str
    task: Task
    metric: str
    rows: int
    positive_rate: float | None
    holdout: str
    threshold: float
    comparisons: tuple[Comparison, ...]
    looks: float = 0.0
    confusion: Confusion | None = None
    residuals: Residuals | None = None
    fairness: Fairness | None = None
    importance: Importance | None = None
    probes: Probes | None = None
    discovery: Discovery | None = None
    explanation: Explanation | None = None
    footprint: Footprint | None = None
    draws: Draws | None = None

    def against(self, who: Against, name: str = "") -> Comparison | None:
        """The comparison with it; of a version that was named, the one with this name."""
        return next(
            (it for it in self.comparisons if it.against is who and (not name or it.name == name)),
            None,
        )
