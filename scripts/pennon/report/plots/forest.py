"""Differences with their intervals: one in a cell of a table, or many on one axis."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pennon.report.numbers import count, row_places, signed, value
from pennon.report.plots.figure import Figure, Table
from pennon.report.plots.rows import Ladder, Row
from pennon.report.plots.scale import Scale
from pennon.report.plots.svg import Point, element, line, picture
from pennon.report.view import Mark, MetricRow, ReviewView
from pennon.report.words import MARK_WORDS, MARKS, arrow, metric

CELL_WIDTH, CELL_HEIGHT = 160, 20
MOST_ROWS = 30
"""Of a chart and its table: the worst ones."""


def limit(row: MetricRow) -> float | None:
    """The limit of the row's first relative gate, in terms of improvement."""
    sign = 1 if row.scores.greater_is_better else -1
    found = (gate.limit for gate in row.gates if gate.relative and gate.limit is not None)
    return next((sign * it for it in found), None)


def whisker(row: MetricRow) -> Markup:
    """One difference on a scale of its own; the line is no difference, right of it is better."""
    reach = _reach([row])
    scale = Scale(-reach, reach, 0, CELL_WIDTH)
    middle = CELL_HEIGHT / 2
    return picture(
        CELL_WIDTH,
        CELL_HEIGHT,
        line((scale(0), 0), (scale(0), CELL_HEIGHT), "axis"),
        *_interval(row, scale, middle),
        label=MARK_WORDS[row.mark],
        css="whisker",
    )


def slices_figure(view: ReviewView) -> Figure | None:
    """Every slice on the decision metric, the worst first."""
    if not view.slices:
        return None
    rows, rest = view.slices[:MOST_ROWS], max(0, len(view.slices) - MOST_ROWS)
    greater, name = rows[0].scores.greater_is_better, metric(rows[0].scores.metric)
    who = view.champion or "baseline"
    turned = f"candidate − {who}" if greater else f"{who} − candidate"
    says = (
        "The worst first, each with its interval: right of the line the candidate is better. A "
        "dashed mark is the limit of a gate."
    )
    return Figure(
        id="slices",
        title=f"Slices: {name} {arrow(rows[0])}",
        says=f"{says} {count(rest)} better ones are not shown." if rest else says,
        svg=_forest(rows, f"{name}: {turned}"),
        table=Table(
            head=("slice", "rows", who, "candidate", "difference", "interval", "meaning"),
            rows=tuple(map(_cells, rows)),
            more=rest,
        ),
    )


def _cells(row: MetricRow) -> tuple[str, ...]:
    it, digits = row.scores, row_places(row)
    interval = f"{signed(it.low, digits)} … {signed(it.high, digits)}"
    values = (value(it.reference, digits), value(it.candidate, digits))
    difference = signed(it.difference, digits)
    return (row.slice, count(row.rows), *values, difference, interval, MARK_WORDS[row.mark])


def _forest(rows: Sequence[MetricRow], title: str) -> Markup:
    reach = _reach(rows)
    ladder = Ladder(title, -reach, reach, len(rows), signed=True)
    drawn = [
        Row(
            name=f"{MARKS[row.mark]} {row.slice}",
            aside=f"{count(row.rows)} rows",
            says=f"{row.slice} ({count(row.rows)} rows): {', '.join(_cells(row)[4:])}",
            marks=tuple(_interval(row, ladder.scale, ladder.middle(i))),
        )
        for i, row in enumerate(rows)
    ]
    return ladder.svg(drawn, says=f"{title}, a row for each slice")


def _interval(row: MetricRow, scale: Scale, y: float) -> list[Markup]:
    it, edge = row.scores, limit(row)
    ends = (scale(it.improvement_low), y), (scale(it.improvement_high), y)
    found = [line(*ends, f"{row.mark} interval"), _mark(row.mark, (scale(it.improvement), y))]
    if edge is None:
        return found
    return [line((scale(edge), y - 8), (scale(edge), y + 8), "limit"), *found]


def _mark(mark: Mark, place: Point) -> Markup:
    """The shape says what the colour says: full, hollow, or a diamond."""
    x, y = place
    if mark is Mark.WORSE:
        return element(
            "rect",
            x=x - 4,
            y=y - 4,
            width=8,
            height=8,
            class_="worse mark",
            transform=f"rotate(45 {x:.1f} {y:.1f})",
        )
    return element("circle", cx=x, cy=y, r=4.5, class_=f"{mark} mark")


def _reach(rows: Sequence[MetricRow]) -> float:
    """How far the scale goes to either side."""
    ends = [
        abs(end)
        for row in rows
        for end in (row.scores.improvement_low, row.scores.improvement_high, limit(row) or 0.0)
    ]
    return max(ends) * 1.1 or 1.0
