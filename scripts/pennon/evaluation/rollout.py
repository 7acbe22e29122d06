"""What a rollout does next: wait, go on, promote or abort, and how long that still takes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import ceil, log, sqrt
from statistics import NormalDist

import msgspec

from pennon.config.rollout import Better, Rollout
from pennon.evaluation.sequential import (
    Block,
    Pairs,
    Round,
    Values,
    interval,
    mean,
    probability,
    refuted,
    rounds,
)

UNEVEN = 0.001
"""Below this p-value the split is not the one that was asked for."""


class Decision(StrEnum):
    WAIT = "wait"
    ADVANCE = "advance"  # to the next step
    PROMOTE = "promote"
    ABORT = "abort"
    BROKEN = "broken"  # the split is not what it should be: nothing can be said


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a difference (challenger less live), on the scale of the values.

    `bad` and `good` are the differences to be refuted, each from the side that is named.
    """

    name: str
    bad: float  # aborts when the difference is proven to be beyond it
    good: float  # satisfied when it is proven to be on this side of it
    rising: bool  # better when higher
    guard: bool
    low: float = 0.0
    high: float = 1.0

    @property
    def scale(self) -> float:
        return self.high - self.low


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one guard or goal; `low` to `high` holds the difference, always.

    `needed` units more are about enough to decide; None where too little is known to say.
    """

    name: str
    guard: bool
    live: float | None
    challenger: float | None
    live_units: int
    challenger_units: int
    low: float
    high: float
    bad: bool
    good: bool
    needed: int | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rollout stands; `requests` are the challenger's in this step, `hours` its age."""

    step: int
    steps: int
    share: float
    requests: int
    hours: float
    days: float
    per_hour: float  # units of both arms in this step


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """`units` and `hours` are what is still needed, about; None where nobody can say."""

    decision: Decision
    why: str
    units: int | None = None
    hours: float | None = None


def rules(plan: Rollout) -> list[Rule]:
    """The guards and the goal, in the order of the file."""
    found = []
    if plan.guards.errors:
        margin = plan.guards.errors.margin
        found.append(Rule(name="errors", bad=margin, good=margin, rising=False, guard=True))
    if slow := plan.guards.slow:
        name = f"slower than {slow.over:g} ms"
        found.append(Rule(name=name, bad=slow.margin, good=slow.margin, rising=False, guard=True))
    if goal := plan.goal:
        rising = goal.better is Better.HIGHER
        found.append(
            Rule(
                name=str(goal.measure),
                bad=goal.smallest if rising else -goal.smallest,
                good=0.0,
                rising=rising,
                guard=False,
                low=goal.bounds[0],
                high=goal.bounds[1],
            )
        )
    return found


def answer(rule: Rule, blocks: Sequence[Block | Pairs], plan: Rollout) -> Answer:
    """Measured at `plan.alpha`, which the questions share. Blocks hold values in [0, 1]."""
    found = rounds(blocks)
    alpha = plan.alpha / plan.questions
    wanted = log(2 / alpha)
    low, high = interval(found, alpha)
    bad = refuted(found, rule.bad / rule.scale, above=not rule.rising) >= wanted
    good = refuted(found, rule.good / rule.scale, above=rule.rising) >= wanted
    live, challenger = _arms(blocks)
    paired = round(sum(_units(it) for it in blocks if isinstance(it, Pairs)))
    known = Answer(
        name=rule.name,
        guard=rule.guard,
        live=_shown(rule, live),
        challenger=_shown(rule, challenger),
        live_units=_count(live) + paired,
        challenger_units=_count(challenger) + paired,
        low=low * rule.scale,
        high=high * rule.scale,
        bad=bad,
        good=good,
    )
    return msgspec.structs.replace(known, needed=_needed(rule, known, found, plan))


def decide(
    plan: Rollout, progress: Progress, answers: Sequence[Answer], uneven: float = 0.0
) -> Decided:
    """`uneven` is the evidence of `units.uneven`: a broken split decides nothing, not even a guard.

    A guard or a hopeless goal stops at any time. Steps go on by their own minimum; the last one
    ends when everything is proven.
    """
    if probability(uneven) < UNEVEN:
        why = f"the sizes of the arms are not those of the split (p below {UNEVEN:g})"
        return Decided(decision=Decision.BROKEN, why=why)
    undecided = [it for it in answers if not it.good]
    if why := _hopeless(plan, progress, answers):
        return Decided(decision=Decision.ABORT, why=why)
    if waits := _minimum(plan, progress):
        return waits
    if progress.step < progress.steps:
        why = f"step {progress.step} has what it needs, and no guard is hurt"
        return Decided(decision=Decision.ADVANCE, why=why)
    if undecided:
        return _patience(progress, undecided)
    return Decided(decision=Decision.PROMOTE, why="; ".join(_proven(it) for it in answers))


def _hopeless(plan: Rollout, progress: Progress, answers: Sequence[Answer]) -> str:
    for it in answers:
        if it.bad:
            verdict = "worse than the margin allows" if it.guard else "gains less than is worth it"
            return f"{it.name}: {verdict}"
    if progress.days < plan.days:
        return ""
    what = ", ".join(it.name for it in answers if not it.good) or "the last step"
    return f"not decided after {plan.days:g} days: {what}"


def _proven(it: Answer) -> str:
    return f"{it.name}: not worse by its margin" if it.guard else f"{it.name}: better"


def _minimum(plan: Rollout, progress: Progress) -> Decided | None:
    """What the step's own requests and hours still lack."""
    step = plan.steps[progress.step - 1]
    requests, hours = step.requests - progress.requests, step.hours - progress.hours
    if requests <= 0 and hours <= 0:
        return None
    units = ceil(max(requests, 0) / progress.share)
    by_rate = units / progress.per_hour if progress.per_hour else None
    long = max(hours, 0.0) if not units else None if by_rate is None else max(hours, by_rate)
    why = f"step {progress.step} is to have {step.requests:,} requests and {step.hours:g} hours"
    return Decided(decision=Decision.WAIT, why=why, units=units, hours=long)


def _patience(progress: Progress, undecided: Sequence[Answer]) -> Decided:
    why = f"too little is known: {', '.join(it.name for it in undecided)}"
    needed = [it.needed for it in undecided]
    if any(it is None for it in needed):
        return Decided(decision=Decision.WAIT, why=why)
    units = max(it for it in needed if it is not None)
    hours = units / progress.per_hour if progress.per_hour else None
    return Decided(decision=Decision.WAIT, why=why, units=units, hours=hours)


def _needed(rule: Rule, known: Answer, found: Sequence[Round], plan: Rollout) -> int | None:
    """About how many more units, at the share of now, until a limit is left outside.

    The width of an interval shrinks with the root of what is known, and its middle wanders by a
    standard error: with the wished power it has come no nearer to the limit by then. Both limits
    of a goal can end it; that one counts which is farther away.
    """
    if known.good or known.bad:
        return 0
    half, middle = (known.high - known.low) / 2, (known.high + known.low) / 2
    if half >= rule.scale / 2:
        return None
    told = sum(_information(it.scores) * _units(it.scores) for it in found)
    spread = sqrt(2 * log(2 * plan.questions / plan.alpha) + log(1 + told))
    far = max(abs(middle - rule.bad), abs(middle - rule.good))
    aim = half * (1 + max(0.0, NormalDist().inv_cdf(plan.power)) / spread)
    more = told * ((aim / max(far, half / 100)) ** 2 - 1)
    return max(1, ceil(more / _information(found[-1].scores)))


def _information(it: Block | Pairs) -> float:
    """Of one unit: the variance of a difference is proportional to its inverse."""
    return it.share * (1 - it.share) if isinstance(it, Block) else 1.0


def _units(it: Block | Pairs) -> float:
    if isinstance(it, Pairs):
        return sum(it.differences.values())
    return sum(it.live.values()) + sum(it.challenger.values())


def _arms(blocks: Sequence[Block | Pairs]) -> tuple[Values, Values]:
    """All units of each arm. Pairs know nothing but their difference."""
    arms: tuple[dict[float, float], dict[float, float]] = ({}, {})
    for it in blocks:
        parts = (it.live, it.challenger) if isinstance(it, Block) else ()
        for arm, part in zip(arms, parts, strict=False):
            for value, n in part.items():
                arm[value] = arm.get(value, 0.0) + n
    return arms


def _count(values: Values) -> int:
    return round(sum(values.values()))


def _shown(rule: Rule, values: Values) -> float | None:
    return rule.low + mean(values) * rule.scale if values else None
