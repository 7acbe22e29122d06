"""The box of a chart with two axes, and what can be drawn in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
from markupsafe import Markup

from pennon.report.plots.figure import CHAMPION
from pennon.report.plots.scale import Scale, tick_labels, ticks
from pennon.report.plots.svg import Point, element, label, line, number, picture, places, text

WIDTH, HEIGHT = 360, 270
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 46
WIDEST, HIGHEST = 44, 32
"""Letters that a title has room for, across and up."""


class Axis(msgspec.Struct, frozen=True):
    """`title` has the unit. `marks` are places with words of their own instead of numbers."""

    title: str
    low: float
    high: float
    marks: tuple[tuple[float, str], ...] = ()

    def labelled(self) -> list[tuple[float, str]]:
        if self.marks:
            return list(self.marks)
        numbers = ticks(self.low, self.high)
        return list(zip(numbers, tick_labels(numbers), strict=True))


class Plane(msgspec.Struct, frozen=True):
    """Two axes. All points are in their units, x first."""

    x: Axis
    y: Axis
    height: int = HEIGHT

    def at(self, point: Point) -> Point:
        across = Scale(self.x.low, self.x.high, LEFT, WIDTH - RIGHT)
        up = Scale(self.y.low, self.y.high, self.height - BOTTOM, TOP)
        return across(point[0]), up(point[1])

    def line(self, points: Sequence[Point], css: str, name: str = "") -> Markup:
        """A line with a `name` answers to the pointer."""
        found = places(map(self.at, points))
        return element("polyline", points=found, class_=css, data_name=name or None)

    def steps(self, points: Sequence[Point], css: str, name: str = "") -> Markup:
        """A line that keeps the height of each point back to the one before."""
        corners = [
            corner for (before, _), (x, y) in pairwise(points) for corner in ((before, y), (x, y))
        ]
        return self.line([*points[:1], *corners], css, name)

    def band(self, lower: Sequence[Point], upper: Sequence[Point], css: str) -> Markup:
        edge = [*lower, *reversed(upper)]
        return element("polygon", points=places(map(self.at, edge)), class_=css)

    def bar(self, sides: tuple[float, float], height: float, css: str, says: str) -> Markup:
        """From the axis up, between two sides; `says` shows when it is pointed at."""
        left, top = self.at((sides[0], height))
        right, bottom = self.at((sides[1], self.y.low))
        return element(
            "rect",
            element("title", says),
            x=left,
            y=top,
            width=max(right - left, 0.5),
            height=bottom - top,
            class_=css,
        )

    def dot(self, point: Point, css: str, says: str, name: str = "") -> Markup:
        """Round for the candidate, square for whoever it is compared with.

        A dot with a `name` can be moved by the page's script.
        """
        x, y = map(number, self.at(point))
        square = element("rect", x=-4, y=-4, width=8, height=8)
        return element(
            "g",
            element("title", says),
            square if CHAMPION in css.split() else element("circle", r=4.5),
            class_=f"dot {css}",
            transform=f"translate({x} {y})",
            data_dot=name or None,
        )

    def whisker(self, x: float, ends: tuple[float, float], css: str) -> Markup:
        return line(self.at((x, ends[0])), self.at((x, ends[1])), css)

    def svg(self, *inside: Markup, says: str) -> Markup:
        return picture(
            WIDTH,
            self.height,
            *self._across(),
            *self._up(),
            element("g", *inside, data_plane=self._for_the_pointer()),
            label=says,
            css="plane",
        )

    def _across(self) -> list[Markup]:
        floor = self.height - BOTTOM
        found = [line((LEFT, floor), (WIDTH - RIGHT, floor), "axis")]
        for place, words in self.x.labelled():
            x, _ = self.at((place, self.y.low))
            found.append(line((x, floor), (x, floor + 4), "axis"))
            found.append(text(x, floor + 17, words, text_anchor="middle"))
        middle = (LEFT + WIDTH - RIGHT) / 2
        return [
            *found,
            text(
                middle,
                self.height - 8,
                label(self.x.title, WIDEST),
                text_anchor="middle",
                class_="title",
            ),
        ]

    def _up(self) -> list[Markup]:
        found = []
        for place, words in self.y.labelled():
            _, y = self.at((self.x.low, place))
            found.append(line((LEFT, y), (WIDTH - RIGHT, y), "grid"))
            found.append(text(LEFT - 6, y + 4, words, text_anchor="end"))
        middle = (TOP + self.height - BOTTOM) / 2
        turned = f"rotate(-90 13 {number(middle)})"
        title = text(
            13,
            middle,
            label(self.y.title, HIGHEST),
            text_anchor="middle",
            class_="title",
            transform=turned,
        )
        return [*found, title]

    def _for_the_pointer(self) -> str:
        """What turns a place back into numbers: both axes, each with its two ends."""
        ends = (self.x.low, self.x.high, self.y.low, self.y.high)
        box = (LEFT, WIDTH - RIGHT, self.height - BOTTOM, TOP)
        return " ".join(f"{it:.6g}" for it in (*ends, *box))
