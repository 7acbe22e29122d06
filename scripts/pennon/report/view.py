"""What a report shows, as records: numbers stay numbers, names stay names, nothing is formatted."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pennon.config import Promotion
from pennon.datasets import Finding
from pennon.evaluation import Confusion, GateResult, Outcome, Residuals, Scores, SliceScores
from pennon.evaluation.aspects import Fairness
from pennon.evaluation.insight import Discovery, Explanation


class Kind(StrEnum):
    """Which report it is; one heading each."""

    BETTER = "better"
    WORSE = "worse"  # a gate fails
    NO_DIFFERENCE = "no_difference"
    FIRST = "first"
    UNSURE = "unsure"
    WORN = "worn"  # the holdout was looked at too often
    CHAMPION_UNSCORED = "champion_unscored"
    TRAINING_FAILED = "training_failed"
    DATA_BROKEN = "data_broken"
    NOTHING_CHANGED = "nothing_changed"
    SAME = "same"  # compared with itself


class Mark(StrEnum):
    """What the interval of a difference says."""

    BETTER = "better"  # beyond noise
    WORSE = "worse"  # beyond noise
    NOISE = "noise"


class Answer(StrEnum):
    """What a data check says."""

    PASS = "pass"  # noqa: S105  no password
    WARN = "warn"
    FAIL = "fail"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The base of what templates get."""


class GateView(View, frozen=True, kw_only=True):
    """What a gate said. `limit` bounds the difference where `relative`, else the value."""

    result: GateResult
    limit: float | None = None
    relative: bool = False


class MetricRow(View, frozen=True, kw_only=True):
    """One metric of two models on the same rows; `against` only where it is not the table's.

    `beyond` is whether the difference is one beyond noise, where rows were looked at together. A
    row that stands `alone` is about the candidate only, and has no reference; what was measured
    `once` has no interval. `draws` is how often both recipes were trained for it.
    """

    scores: Scores
    decides: bool = False
    against: str = ""
    slice: str = ""
    rows: int = 0
    gates: tuple[GateView, ...] = ()
    beyond: bool = True
    alone: bool = False
    draws: int = 0
    once: bool = False

    @property
    def mark(self) -> Mark:
        if not self.beyond or self.once:
            return Mark.NOISE
        if self.scores.improvement_low > 0:
            return Mark.BETTER
        return Mark.WORSE if self.scores.improvement_high < 0 else Mark.NOISE

    @property
    def fails(self) -> bool:
        return any(gate.result.outcome is Outcome.FAIL for gate in self.gates)


class Change(View, frozen=True, kw_only=True):
    """`old` or `new` is empty where there was or is no such thing."""

    name: str
    old: str
    new: str


class DataChange(View, frozen=True, kw_only=True):
    """A dataset by its content digests; `old` is empty for a new one."""

    name: str
    old: str
    new: str
    old_rows: int
    new_rows: int


class Changes(View, frozen=True, kw_only=True):
    """What a training reads, since the merge base. `files` counts files of code."""

    params: tuple[Change, ...] = ()
    files: int = 0
    data: tuple[DataChange, ...] = ()
    environment: tuple[Change, ...] = ()
    settings: tuple[Change, ...] = ()


class DataCheck(View, frozen=True, kw_only=True):
    """One line about the data: what was looked at, and what was found."""

    name: str
    answer: Answer
    what: str


class Past(View, frozen=True, kw_only=True):
    """The decision metric of an earlier version, as it was measured at its registration."""

    version: str
    value: float
    same_holdout: bool = True


class Feature(View, frozen=True, kw_only=True):
    """What `metric` loses without a column, ± `half` of its interval; the champion's `before`.

    `moved` is 1 for more, -1 for less than before, where the two intervals have no overlap.
    """

    name: str
    importance: float
    before: float | None = None
    half: float | None = None
    half_before: float | None = None
    moved: int = 0
    metric: str = ""

    @property
    def idle(self) -> bool:
        """Neither model reads it."""
        return not self.importance and not self.before


class Provenance(View, frozen=True, kw_only=True):
    """Where the numbers come from, and how to get them again. `data` is name -> content digest."""

    sample: bool
    train_rows: int
    all_rows: int  # outside the holdout
    seed: int
    seconds: float
    data: dict[str, str]
    holdout: str = ""
    environment: str = ""
    python: str = ""
    commands: tuple[str, ...] = ()


class Run(View, frozen=True, kw_only=True):
    """The run that wrote the report; `id` and `attempt` order the reports of one pull request."""

    id: int
    attempt: int = 1
    url: str = ""
    at: str = ""  # RFC 3339, UTC
    pennon: str = ""


class Facts(View, frozen=True, kw_only=True):
    """What is known around a review before anything is measured."""

    model: str
    run: Run
    head: str = ""
    base: str = ""  # the merge base
    version: str = ""  # under which the candidate is registered, if it is
    promotion: Promotion = Promotion.MANUAL
    changes: Changes | None = None
    gate_changes: tuple[Change, ...] = ()  # by this pull request; the old gates decide
    checks: tuple[DataCheck, ...] = ()
    features: tuple[Feature, ...] = ()
    history: tuple[Past, ...] = ()  # oldest first
    outsider: bool = False  # the numbers come from code of a fork


class ReviewView(Facts, frozen=True, kw_only=True):
    """Everything that the comment and the page of a review show."""

    kind: Kind
    reason: str = ""
    champion: str = ""  # its version; empty where none was scored
    confidence: float = 0.95
    method: str = ""
    rows: int = 0
    sealed: bool = True  # these rows are the holdout, else rows outside of the sample
    detectable: float | None = None  # a difference of the decision metric that would have shown
    looks: float = 0.0  # at the sealed rows, this one included
    budget: int = 0  # looks that they are good for
    positive_rate: float | None = None
    metrics: tuple[MetricRow, ...] = ()  # the deciding one first
    worst: tuple[MetricRow, ...] = ()  # slices with a gate in the way, else the worst one
    qualities: tuple[MetricRow, ...] = ()  # what gates ask besides metrics
    gates_passed: int = 0
    gates_total: int = 0
    waiting: tuple[str, ...] = ()  # gates without a champion to compare with
    later: tuple[str, ...] = ()  # gates that wait for the registration
    undecided: tuple[str, ...] = ()  # gates whose slices are all too small
    threshold: float = 0.5
    confusion: Confusion | None = None
    residuals: Residuals | None = None
    fairness: Fairness | None = None
    slices: tuple[MetricRow, ...] = ()  # worst first
    unscored: tuple[SliceScores, ...] = ()
    discovery: Discovery | None = None
    explanation: Explanation | None = None
    provenance: Provenance | None = None
    findings: tuple[Finding, ...] = ()
    step: str = ""  # where a training failed
    log: str = ""  # its last lines
    advice: str = ""  # what to do next, in words
    command: str = ""  # and what to type

    @property
    def deciding(self) -> MetricRow | None:
        return next((row for row in self.metrics if row.decides), None)

    @property
    def weakest(self) -> Discovery | None:
        """What was searched, where it found something."""
        return self.discovery if self.discovery and self.discovery.found else None

    @property
    def blocking(self) -> tuple[tuple[MetricRow, GateView], ...]:
        """The gates in the way with the rows that show why: failures first."""
        found = [
            (row, gate)
            for row in (*self.metrics, *self.worst, *self.qualities)
            for gate in row.gates
            if gate.result.blocks
        ]
        return tuple(sorted(found, key=lambda pair: pair[1].result.outcome is not Outcome.FAIL))
