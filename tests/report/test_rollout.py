"""The Markdown of a rollout's status."""

from __future__ import annotations

import pytest

from pennon.evaluation.rollout import Answer, Decision
from pennon.report.rollout import Status, hours, status, verdict

ANSWER = Answer(
    name="errors",
    guard=True,
    live=0.0123,
    challenger=0.0145,
    live_units=99_000,
    challenger_units=1_000,
    low=-0.004,
    high=0.013,
    bad=False,
    good=False,
    needed=42_000,
)
STATUS = Status(
    model="delay",
    environment="production",
    mode="canary",
    stage="challenger",
    version="v1.1.0",
    live="v1.0.0",
    step=2,
    steps=4,
    share=0.05,
    hours=7.2,
    requests=1_000,
    per_hour=14_000,
    alpha=0.05,
    decision=Decision.WAIT,
    why="too little is known: errors",
    units=42_000,
    more_hours=3.0,
    answers=(ANSWER,),
    findings=("3 lines of the log cannot be read",),
)


def test_everything_a_reader_needs_is_there() -> None:
    text = status(STATUS).replace("\u202f", " ")
    assert "## ⏳ Rollout of `delay` — wait" in text
    assert "`v1.1.0` beside `v1.0.0` in `production`: canary, step 2 of 4, 5 % of the" in text
    assert "**Too little is known: errors.** About 42 000 more, 3 h at 14 000 an hour." in text
    row = "| errors | 0.012 | 0.015 | [−0.004,&nbsp;+0.013] | 99 000, 1 000 | open |"
    assert row in text
    assert "- 3 lines of the log cannot be read" in text


def test_where_nothing_runs_there_is_no_table() -> None:
    idle = Status(
        model="delay",
        environment="production",
        mode="ab",
        stage="challenger",
        version=None,
        live=None,
        steps=1,
        alpha=0.05,
        decision=Decision.WAIT,
        why="no version is challenger",
    )
    assert status(idle) == "## ⏳ Rollout of `delay` — wait\n\n**No version is challenger.**\n"


@pytest.mark.parametrize(("number", "said"), [(0.5, "30 min"), (7.2, "7 h"), (84, "3.5 days")])
def test_hours_as_people_say_them(number: float, said: str) -> None:
    assert hours(number).replace("\u202f", " ") == said


def test_a_goal_and_a_guard_have_other_words() -> None:
    assert verdict(ANSWER) == "open"
