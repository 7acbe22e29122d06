"""What a rollout does next, and how long it still takes."""

from __future__ import annotations

import random

import msgspec
import pytest

from pennon.config.rollout import (
    Better,
    Errors,
    Goal,
    Guards,
    Measure,
    Mode,
    Rollout,
    Slow,
    Step,
)
from pennon.evaluation.rollout import Answer, Decision, Progress, answer, decide, rules
from pennon.evaluation.sequential import Block
from pennon.evaluation.units import Unit, blocks
from pennon.evaluation.worth import kept, worth

PLAN = Rollout(
    environment="production",
    mode=Mode.CANARY,
    steps=(Step(share=0.1, requests=100, hours=2), Step(share=0.5)),
    guards=Guards(errors=Errors(margin=0.02), slow=Slow(over=250, margin=0.1)),
    goal=Goal(measure=Measure.MEAN_ABSOLUTE_ERROR, smallest=2, bounds=(0, 100)),
)
NOW = Progress(step=2, steps=2, share=0.5, requests=500, hours=3, days=1, per_hour=100)
FINE = Answer(
    name="errors",
    guard=True,
    live=0.01,
    challenger=0.01,
    live_units=500,
    challenger_units=500,
    low=-0.01,
    high=0.01,
    bad=False,
    good=True,
)
BAD = msgspec.structs.replace(FINE, bad=True, good=False)
OPEN = msgspec.structs.replace(FINE, good=False, needed=700)
FIRST = msgspec.structs.replace(NOW, step=1, share=0.1)


@pytest.mark.parametrize(
    ("progress", "answers", "uneven", "decision"),
    [
        (NOW, [FINE], 0.0, Decision.PROMOTE),
        (NOW, [FINE, OPEN], 0.0, Decision.WAIT),
        (NOW, [FINE, BAD], 0.0, Decision.ABORT),
        (FIRST, [OPEN], 0.0, Decision.ADVANCE),
        (FIRST, [BAD], 0.0, Decision.ABORT),
        (msgspec.structs.replace(FIRST, requests=99), [FINE], 0.0, Decision.WAIT),
        (msgspec.structs.replace(FIRST, hours=1.9), [FINE], 0.0, Decision.WAIT),
        (msgspec.structs.replace(NOW, days=14), [OPEN], 0.0, Decision.ABORT),
        (NOW, [BAD], 10.0, Decision.BROKEN),
    ],
)
def test_what_comes_next(
    progress: Progress, answers: list[Answer], uneven: float, decision: Decision
) -> None:
    assert decide(PLAN, progress, answers, uneven).decision is decision


def test_waiting_says_how_long() -> None:
    found = decide(PLAN, NOW, [OPEN])
    assert (found.units, found.hours) == (700, 7.0)
    few = decide(PLAN, msgspec.structs.replace(FIRST, requests=40), [FINE])
    assert (few.units, few.hours) == (600, 6.0)
    young = decide(PLAN, msgspec.structs.replace(FIRST, hours=0.5), [FINE])
    assert (young.units, young.hours) == (0, 1.5)


def test_nobody_guesses_where_nothing_is_known() -> None:
    unknown = msgspec.structs.replace(OPEN, needed=None)
    found = decide(PLAN, NOW, [unknown])
    assert (found.decision, found.units, found.hours) == (Decision.WAIT, None, None)


def test_the_reason_names_what_is_wrong() -> None:
    assert decide(PLAN, NOW, [BAD]).why == "errors: worse than the margin allows"


def test_rules_speak_the_scale_of_the_goal() -> None:
    errors, slow, goal = rules(PLAN)
    assert (errors.bad, slow.name, slow.good) == (0.02, "slower than 250 ms", 0.1)
    assert (goal.bad, goal.good, goal.scale, goal.rising) == (-2, 0.0, 100, False)


def split(number: int, rates: tuple[float, float], seed: int) -> list[Block]:
    draw = random.Random(seed)  # noqa: S311
    arms = [draw.random() < 0.5 for _ in range(number)]
    return list(blocks(Unit(0.5, arm, float(draw.random() < rates[arm])) for arm in arms))


@pytest.mark.parametrize(
    ("rates", "expected"),
    [((0.01, 0.01), (False, True)), ((0.01, 0.3), (True, False)), ((0.01, 0.03), (False, False))],
)
def test_a_guard_holds_is_hurt_or_is_open(
    rates: tuple[float, float], expected: tuple[bool, bool]
) -> None:
    found = answer(rules(PLAN)[0], split(5000, rates, 1), PLAN)
    assert (found.bad, found.good) == expected


@pytest.mark.parametrize("better", Better)
@pytest.mark.parametrize(
    ("effect", "expected"), [(0.2, (False, True)), (-0.2, (True, False)), (0.0, (True, False))]
)
def test_a_goal_is_reached_or_hopeless(
    better: Better, effect: float, expected: tuple[bool, bool]
) -> None:
    goal = Goal(measure=Measure.OUTCOME, smallest=0.1, better=better)
    plan = msgspec.structs.replace(PLAN, guards=Guards(), goal=goal)
    sign = 1 if better is Better.HIGHER else -1
    found = answer(rules(plan)[0], split(5000, (0.5, 0.5 + sign * effect), 2), plan)
    assert (found.bad, found.good) == expected


def test_the_estimate_is_of_the_right_size() -> None:
    """Of twenty guards that nothing hurts most are decided by then, and not so at a third of it."""
    rule, soon, by_then = rules(PLAN)[0], 0, 0
    for seed in range(20):
        early = answer(rule, split(600, (0.02, 0.02), seed), PLAN)
        assert early.needed is not None
        total = 600 + early.needed
        soon += answer(rule, split(total // 3, (0.02, 0.02), seed), PLAN).good
        by_then += answer(rule, split(total, (0.02, 0.02), seed), PLAN).good
    assert by_then >= 12
    assert soon < 10


@pytest.mark.parametrize(
    ("measure", "outcome", "predictions", "value"),
    [
        (Measure.OUTCOME, [3.0], [], 3.0),
        (Measure.ACCURACY, [1, 0], [0.7, 0.6], 0.5),
        (Measure.BRIER_SCORE, [1], [0.7], 0.09),
        (Measure.MEAN_ABSOLUTE_ERROR, [10, 20], [12, 16], 3.0),
        (Measure.MEAN_SQUARED_ERROR, [10], [12], 4.0),
        (Measure.BRIER_SCORE, [1], [], None),
        (Measure.BRIER_SCORE, [1, 0], [0.5], None),
    ],
)
def test_what_an_answer_was_worth(
    measure: Measure, outcome: list[float], predictions: list[float], value: float | None
) -> None:
    found = worth(Goal(measure=measure, smallest=0.1), outcome, predictions, 0.5)
    assert found == (None if value is None else pytest.approx(value))


def test_what_lies_outside_of_the_bounds_counts_as_the_bound() -> None:
    goal = Goal(measure=Measure.OUTCOME, smallest=1, bounds=(-10, 10))
    assert [kept(goal, value) for value in (-99, 0, 10, 99)] == [0, 0.5, 1, 1]
