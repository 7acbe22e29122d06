"""What the gates said, as plain values."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

import msgspec

from pennon.config import Unsure


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


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One gate, decided. `slice` is `origin=LGA` or empty; `rule` is what the gate demands."""

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
    rows: int = 0
    slice: str = ""
    why: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is one plain sentence for the heading."""

    model: str
    metric: str
    champion: str | None
    outcome: VerdictOutcome
    reason: str
    results: tuple[GateResult, ...]

    @property
    def passed(self) -> bool:
        return self.outcome in (VerdictOutcome.PASS, VerdictOutcome.FIRST)

    @property
    def blocking(self) -> tuple[GateResult, ...]:
        return tuple(result for result in self.results if result.blocks)


def blocks(outcome: Outcome, unsure: Unsure) -> bool:
    """A gate blocks unless it passes, or may be unsure and is."""
    return outcome is Outcome.FAIL or (outcome is Outcome.UNSURE and unsure is Unsure.BLOCK)


def digest(verdict: Verdict) -> str:
    """`sha256:<hex>` of the verdict, the same wherever it is computed."""
    return f"sha256:{sha256(msgspec.json.encode(verdict, order='deterministic')).hexdigest()}"
