"""What the gates said, one by one and together. Light: a promotion needs nothing heavier."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

import msgspec

from pennon.config import Against, Unsure
from pennon.evaluation.records import Evaluation


class Outcome(StrEnum):
    """Of one gate."""

    PASS = "pass"  # noqa: S105  no password
    FAIL = "fail"
    UNSURE = "unsure"  # the rows are too few to tell


class VerdictOutcome(StrEnum):
    """Of all gates together."""

    PASS = "pass"  # noqa: S105  no password
    FIRST = "first"  # passed, and there was no champion to beat
    FAIL = "fail"
    NO_DIFFERENCE = "no_difference"  # nothing is worse, nothing is better beyond noise
    UNSURE = "unsure"  # a gate needs more rows
    WORN = "worn"  # better as it seems, on rows that were looked at too often


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One gate, decided. `slice` is `origin=LGA` or empty; `rule` is what the gate demands.

    `low` and `high` are the interval that decided, at `confidence`: of the difference, or of the
    candidate's value for an absolute gate. `enough` rows would tell where the gate is unsure.
    `owner` answers for the gate, and `page` explains it. `primary` gates compare the decision
    metric with the champion; one is `worn` that would pass, if the rows had not been looked at too
    often.
    """

    id: str
    metric: str
    rule: str
    outcome: Outcome
    blocks: bool  # this outcome keeps the verdict from passing
    candidate: float | None = None
    reference: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    rows: int = 0
    enough: int | None = None
    slice: str = ""
    why: str = ""
    owner: str = ""
    page: str = ""
    primary: bool = False
    worn: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is one plain sentence for the heading."""

    model: str
    metric: str
    champion: str | None
    outcome: VerdictOutcome
    reason: str
    results: tuple[GateResult, ...]
    looks: float = 0.0  # at the rows that judged, this one included

    @property
    def passed(self) -> bool:
        return self.outcome in (VerdictOutcome.PASS, VerdictOutcome.FIRST)

    @property
    def blocking(self) -> tuple[GateResult, ...]:
        return tuple(result for result in self.results if result.blocks)


def blocks(outcome: Outcome, unsure: Unsure) -> bool:
    """A gate blocks unless it passes, or may be unsure and is."""
    return outcome is Outcome.FAIL or (outcome is Outcome.UNSURE and unsure is Unsure.BLOCK)


def together(
    results: tuple[GateResult, ...], evaluation: Evaluation, champion: str | None
) -> VerdictOutcome:
    """What all gates say; `champion` is who held the stage, if any."""
    blocking = [result for result in results if result.blocks]
    if not blocking:
        return VerdictOutcome.PASS if champion else VerdictOutcome.FIRST
    if any(result.outcome is Outcome.FAIL for result in blocking):
        return VerdictOutcome.FAIL
    if evaluation.looks and all(result.worn for result in blocking):
        return VerdictOutcome.WORN
    wants_better = [result for result in blocking if result.rule.startswith("better than")]
    if len(wants_better) == len(blocking) and _is_noise(evaluation):
        return VerdictOutcome.NO_DIFFERENCE
    return VerdictOutcome.UNSURE


def _is_noise(evaluation: Evaluation) -> bool:
    comparison = evaluation.against(Against.CHAMPION)
    scores = comparison.score(evaluation.metric) if comparison else None
    return scores is not None and scores.low <= 0 <= scores.high


def digest(verdict: Verdict) -> str:
    """`sha256:<hex>` of the verdict, the same wherever it is computed."""
    return f"sha256:{sha256(msgspec.json.encode(verdict, order='deterministic')).hexdigest()}"
