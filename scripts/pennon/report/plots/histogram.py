"""Histograms: bars for the candidate, an outline for whoever it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from pennon.report.numbers import share
from pennon.report.plots.figure import CANDIDATE, CHAMPION
from pennon.report.plots.plane import Plane
from pennon.report.plots.svg import element, picture, places

Shares = Mapping[str, Sequence[float]]
"""Model -> share of rows in each bin."""

WIDTH, HEIGHT = 132, 34


def histogram(plane: Plane, sides: Sequence[float], shares: Shares) -> Iterator[Markup]:
    """In a chart with axes; `sides` of the bins are one more than bins."""
    for ends, part in zip(pairwise(sides), shares[CANDIDATE], strict=True):
        yield plane.bar(ends, part, f"{CANDIDATE} bar", f"{CANDIDATE}: {share(part)}")
    if CHAMPION in shares:
        points = outline(sides, shares[CHAMPION])
        yield plane.line(points, f"{CHAMPION} curve")


def outline(sides: Sequence[float], tops: Sequence[float]) -> list[tuple[float, float]]:
    """Around bars: up, along, and down again."""
    found = [(sides[0], 0.0)]
    for (low, high), top in zip(pairwise(sides), tops, strict=True):
        found += [(low, top), (high, top)]
    return [*found, (sides[-1], 0.0)]


def small(shares: Shares, names: Sequence[str], *, label: str) -> Markup:
    """In a cell of a table: no axes, every bin as wide; `names` of the bins show on pointing."""
    bins = len(names)
    step = WIDTH / max(bins, 1)
    most = max((top for tops in shares.values() for top in tops), default=0.0) or 1.0

    def up(top: float) -> float:
        return (HEIGHT - 2) * (1 - top / most) + 1

    bars = [
        element(
            "rect",
            element("title", f"{name}: {share(top)}"),
            x=i * step + 0.5,
            y=up(top),
            width=max(step - 1, 0.5),
            height=HEIGHT - 1 - up(top),
            class_=f"{CANDIDATE} bar",
        )
        for i, (name, top) in enumerate(zip(names, shares[CANDIDATE], strict=True))
    ]
    floor = element("line", x1=0, x2=WIDTH, y1=HEIGHT - 1, y2=HEIGHT - 1, class_="axis")
    inside = [floor, *bars]
    if CHAMPION in shares:
        sides = [i * step for i in range(bins + 1)]
        points = places((x, up(y)) for x, y in outline(sides, shares[CHAMPION]))
        inside.append(element("polyline", points=points, class_=f"{CHAMPION} curve thin"))
    return picture(WIDTH, HEIGHT, *inside, label=label, css="small")
