"""What moves predictions: for each column how far, over rows, and which way it goes."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pennon.evaluation.insight import Contribution, Explanation
from pennon.report.numbers import count, places, signed, value
from pennon.report.plots.figure import CANDIDATE, Figure, Table
from pennon.report.plots.rows import Ladder, Row
from pennon.report.plots.scale import Scale
from pennon.report.plots.svg import element, line
from pennon.report.view import ReviewView
from pennon.report.words import plural

MOST_ROWS = 20
CLEAR = 0.5
"""A rank correlation from which on a direction is shown."""


def contributions_figure(view: ReviewView, unit: str) -> Figure | None:
    """The largest first; `unit` is that of a regression's target."""
    found = view.explanation
    if found is None or not found.features:
        return None
    moving = [it for it in found.features if it.size.high] or list(found.features)
    shown, still = moving[:MOST_ROWS], len(found.features) - len(moving)
    of = unit if view.positive_rate is None else "the probability"
    digits = max(places([it.size.value]) for it in shown)
    return Figure(
        id="contributions",
        title="What moves predictions",
        says=_says(found, of, digits, still),
        svg=_rows(shown, f"added to {of}", digits),
        table=Table(
            head=("column", "mean without sign", "interval", *map(_level, found.quantiles)),
            rows=tuple(_cells(it, digits) for it in shown),
            more=len(moving) - len(shown) + found.left_out,
        ),
        key=(CANDIDATE,),
    )


def _says(found: Explanation, of: str, digits: int, still: int) -> str:
    told = (
        f"What each column adds to {of} in {count(found.rows)} rows (Shapley values, sampled),"
        f" beside {count(found.background)} training rows with a mean prediction of"
        f" {value(found.base, digits)}. Half of the rows lie in the box, 90 of 100 on the line."
        " The number is the mean without sign (mean |SHAP|); ↗ grows with the column's value, ↘"
        " falls."
    )
    if not still:
        return told
    return f"{told} {count(still)} {plural(still, 'column moves', 'columns move')} nothing."


def _level(quantile: float) -> str:
    return f"{quantile:.0%}"


def _cells(it: Contribution, digits: int) -> tuple[str, ...]:
    size = it.size
    interval = f"{value(size.low, digits)} … {value(size.high, digits)}"
    return (
        it.name,
        value(size.value, digits),
        interval,
        *(signed(number, digits) for number in it.quantiles),
    )


def _rows(shown: Sequence[Contribution], title: str, digits: int) -> Markup:
    ends = [abs(number) for it in shown for number in it.quantiles]
    reach = max(ends, default=0.0) * 1.1 or 1.0
    ladder = Ladder(title, -reach, reach, len(shown), signed=True)
    drawn = [_row(it, ladder.scale, ladder.middle(i), digits) for i, it in enumerate(shown)]
    return ladder.svg(drawn, says="What each column adds to predictions, a row for each")


def _row(it: Contribution, scale: Scale, y: float, digits: int) -> Row:
    said = f"{value(it.size.value, digits)} {_way(it.rises)}".strip()
    least, low, middle, high, most = (scale(number) for number in it.quantiles)
    return Row(
        name=it.name,
        aside=said,
        says=f"{it.name}: {said}",
        marks=(
            line((least, y), (most, y), f"{CANDIDATE} whisker"),
            element(
                "rect",
                x=low,
                y=y - 5,
                width=max(high - low, 1.0),
                height=10,
                class_=f"{CANDIDATE} solid",
            ),
            line((middle, y - 7), (middle, y + 7), "error"),
        ),
    )


def _way(rises: float | None) -> str:
    if rises is None:
        return ""
    return "↗" if rises > CLEAR else "↘" if rises < -CLEAR else ""
