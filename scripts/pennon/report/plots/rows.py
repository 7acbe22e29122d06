"""Charts with a row for each name: the name stands above its marks, so a phone has room for it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from pennon.report.plots.scale import Scale, tick_labels, ticks
from pennon.report.plots.svg import element, label, line, picture, text

WIDEST = 48
"""Letters that a title has room for."""
WIDTH, SIDE, TOP, HEIGHT, BOTTOM = 360, 18, 8, 36, 46
NAME, MARKS = 13, 25
"""Where in a row, from its top, the name stands, and the middle of its marks."""


class Row(msgspec.Struct, frozen=True):
    """`says` shows when the row is pointed at; `aside` stands at its right."""

    name: str
    aside: str
    says: str
    marks: tuple[Markup, ...]


class Ladder(msgspec.Struct, frozen=True):
    """One axis below so many rows; `title` has the unit."""

    title: str
    low: float
    high: float
    rows: int
    signed: bool = False

    @property
    def scale(self) -> Scale:
        return Scale(self.low, self.high, SIDE, WIDTH - SIDE)

    def middle(self, i: int) -> float:
        """Where the marks of a row belong."""
        return TOP + HEIGHT * i + MARKS

    def svg(self, rows: Sequence[Row], *, says: str) -> Markup:
        floor = TOP + HEIGHT * self.rows
        drawn = [_row(row, TOP + HEIGHT * i) for i, row in enumerate(rows)]
        return picture(WIDTH, floor + BOTTOM, *self._axis(floor), *drawn, label=says, css="rows")

    def _axis(self, floor: float) -> list[Markup]:
        scale, numbers = self.scale, ticks(self.low, self.high, 5)
        found = [line((SIDE, floor), (WIDTH - SIDE, floor), "axis")]
        if self.low <= 0 <= self.high:
            found.append(line((scale(0), TOP), (scale(0), floor), "axis"))
        for number, words in zip(numbers, tick_labels(numbers, signed=self.signed), strict=True):
            found.append(line((scale(number), floor), (scale(number), floor + 4), "axis"))
            found.append(text(scale(number), floor + 17, words, text_anchor="middle"))
        named = {"text_anchor": "middle", "class_": "title"}
        return [*found, text(WIDTH / 2, floor + BOTTOM - 8, label(self.title, WIDEST), **named)]


def _row(row: Row, top: float) -> Markup:
    return element(
        "g",
        element("title", row.says),
        text(SIDE, top + NAME, label(row.name, 34)),
        text(WIDTH - SIDE, top + NAME, row.aside, text_anchor="end", class_="soft"),
        *row.marks,
    )
