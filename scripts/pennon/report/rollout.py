"""A rollout's status as Markdown: for the summary of a run, an issue, a chat."""

from __future__ import annotations

import msgspec

from pennon.evaluation.rollout import Answer, Decision
from pennon.report.numbers import NARROW
from pennon.report.render import render_markdown

_ICONS = {
    Decision.WAIT: "⏳",
    Decision.ADVANCE: "➡️",
    Decision.PROMOTE: "✅",
    Decision.ABORT: "🛑",
    Decision.BROKEN: "⚠️",
}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing runs where `step` is 0: `why` says what to do. `uneven` is a p-value of the split.

    `units` and `more_hours` are what is still needed, about; None where nobody can say.
    """

    model: str
    environment: str
    mode: str
    stage: str
    version: str | None
    live: str | None
    step: int = 0
    steps: int
    share: float = 0.0
    hours: float = 0.0
    requests: int = 0
    per_hour: float = 0.0
    alpha: float
    decision: Decision
    why: str
    units: int | None = None
    more_hours: float | None = None
    answers: tuple[Answer, ...] = ()
    uneven: float | None = None
    findings: tuple[str, ...] = ()


def status(it: Status) -> str:
    return render_markdown(
        "rollout.md.j2", it=it, icon=_ICONS[it.decision], hours=hours, verdict=verdict
    )


def hours(number: float) -> str:
    """`40 min`, `7 h`, `3.5 days`."""
    if number < 2:  # noqa: PLR2004  minutes tell something where there are few hours
        return f"{number * 60:.0f}{NARROW}min"
    if number < 48:  # noqa: PLR2004  the same of days
        return f"{number:.0f}{NARROW}h"
    return f"{number / 24:.1f}{NARROW}days"


def verdict(it: Answer) -> str:
    """What is proven of a guard or goal."""
    if it.bad:
        return "worse" if it.guard else "not worth it"
    if it.good:
        return "holds" if it.guard else "better"
    return "open"
