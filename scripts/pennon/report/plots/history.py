"""How the decision metric went from version to version."""

from __future__ import annotations

from pennon.report.numbers import row_places, value
from pennon.report.plots.figure import CANDIDATE, CHAMPION, Figure, Table
from pennon.report.plots.plane import Axis, Plane
from pennon.report.plots.scale import span
from pennon.report.view import ReviewView
from pennon.report.words import arrow, metric

MOST_MARKS = 5
"""Names of versions beside an axis of 300 pixels."""


def history_figure(view: ReviewView) -> Figure | None:
    """Versions measured on today's holdout, and the candidate with its interval."""
    row = view.deciding
    past = [it for it in view.history if it.same_holdout]
    if row is None or not past:
        return None
    name, digits, it = metric(row.scores.metric), row_places(row), row.scores
    names = [*(found.version for found in past), CANDIDATE]
    points = [(float(i), found.value) for i, found in enumerate(past)]
    last = (float(len(past)), it.candidate)
    ends = (it.candidate_low, it.candidate_high)
    plane = Plane(
        Axis("version", -0.4, last[0] + 0.4, _marks(names)),
        Axis(f"{name} {arrow(row)}", *span([*(y for _, y in points), *ends])),
    )
    dots = [
        plane.dot(
            point, _css(view, found.version), f"{found.version}: {value(found.value, digits)}"
        )
        for point, found in zip(points, past, strict=True)
    ]
    return Figure(
        id="history",
        title=f"History of {name}",
        says="Each version as it was measured at its registration, on the holdout of today; the "
        "candidate with its interval. These numbers decide nothing.",
        svg=plane.svg(
            plane.line([*points, last], "reference"),
            *dots,
            plane.whisker(last[0], ends, f"{CANDIDATE} whisker"),
            plane.dot(last, CANDIDATE, f"{CANDIDATE}: {value(it.candidate, digits)}"),
            says=f"{name} of each version",
        ),
        table=Table(
            head=("version", name, "holdout"),
            rows=(
                *(
                    (found.version, value(found.value, digits), _holdout(same=found.same_holdout))
                    for found in view.history
                ),
                (CANDIDATE, value(it.candidate, digits), _holdout(same=True)),
            ),
        ),
    )


def _css(view: ReviewView, version: str) -> str:
    return CHAMPION if version == view.champion else "past"


def _holdout(*, same: bool) -> str:
    return "today's" if same else "another one"


def _marks(names: list[str]) -> tuple[tuple[float, str], ...]:
    """As many names as have room, counted from the candidate back."""
    step = -(-len(names) // MOST_MARKS)
    last = len(names) - 1
    return tuple((float(i), names[i]) for i in range(last % step, last + 1, step))
