"""The charts of regressors: residuals against predictions, and their distribution."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from pennon.evaluation.points import Fan, Regressor, RegressorCurves
from pennon.report.numbers import count, places, share, signed, value
from pennon.report.plots.figure import CANDIDATE, CHAMPION, Figure, Table, models
from pennon.report.plots.histogram import histogram
from pennon.report.plots.plane import Axis, Plane
from pennon.report.plots.scale import span
from pennon.report.plots.svg import Point


def regressor_figures(of: RegressorCurves, unit: str) -> tuple[Figure, ...]:
    """`unit` is what the target counts."""
    return (_against_prediction(of, unit), _distribution(of, unit))


def members(of: RegressorCurves) -> list[tuple[str, Regressor]]:
    """The champion first: what is drawn last lies on top."""
    theirs = [] if of.champion is None else [(CHAMPION, of.champion)]
    return [*theirs, (CANDIDATE, of.candidate)]


def _against_prediction(of: RegressorCurves, unit: str) -> Figure:
    fans = [(name, it.fan) for name, it in members(of)]
    x = span(number for _, fan in fans for number in fan.predicted)
    y = span([0.0, *(number for _, fan in fans for row in fan.quantiles for number in row)])
    plane = Plane(Axis(f"prediction ({unit})", *x), Axis(f"residual ({unit})", *y))
    quantiles = tuple(map(share, of.quantiles))
    return Figure(
        id="residuals-by-prediction",
        title="Residuals against predictions",
        says="Prediction − truth in bins of about equally many rows. The line is the median; half "
        "of the rows lie in the dark band, nine of ten in the light one (the champion's between "
        "its thin lines). A line away from zero is a bias, a widening band an uneven error.",
        svg=plane.svg(
            plane.line([(x[0], 0), (x[1], 0)], "reference"),
            *_fans(plane, fans),
            says="Residuals against predictions",
        ),
        table=Table(
            head=("model", f"mean prediction ({unit})", "rows", *quantiles),
            rows=tuple(row for name, fan in reversed(fans) for row in _bins(name, fan)),
        ),
        key=models(champion=of.champion),
    )


def _fans(plane: Plane, fans: list[tuple[str, Fan]]) -> Iterator[Markup]:
    """Bands of the candidate below, lines over them."""
    for name, fan in fans:
        lowest, low, _, high, highest = (_row(fan, i) for i in range(5))
        if name == CANDIDATE:
            yield plane.band(lowest, highest, f"{name} band")
            yield plane.band(low, high, f"{name} band")
    for name, fan in fans:
        lowest, _, middle, _, highest = (_row(fan, i) for i in range(5))
        if name == CHAMPION:
            yield plane.line(lowest, f"{name} curve thin")
            yield plane.line(highest, f"{name} curve thin")
        yield plane.line(middle, f"{name} curve", name)


def _row(fan: Fan, i: int) -> list[Point]:
    return [(x, row[i]) for x, row in zip(fan.predicted, fan.quantiles, strict=True)]


def _bins(name: str, fan: Fan) -> Iterator[tuple[str, ...]]:
    digits = places(fan.predicted)
    for x, rows, quantiles in zip(fan.predicted, fan.rows, fan.quantiles, strict=True):
        yield name, value(x, digits), count(rows), *(signed(it, digits) for it in quantiles)


def _distribution(of: RegressorCurves, unit: str) -> Figure:
    edges = list(of.edges)
    shares = {name: [n / of.rows for n in it.residuals[1:-1]] for name, it in members(of)}
    high = max(map(max, shares.values())) * 1.05
    plane = Plane(Axis(f"residual ({unit})", edges[0], edges[-1]), Axis("share of rows", 0, high))
    beyond = of.candidate.residuals[0] + of.candidate.residuals[-1]
    who = [it.residuals for _, it in reversed(members(of))]
    digits = places([edges[0], edges[-1]], [edges[0], edges[1]])
    bounds = ["", *(signed(edge, digits) for edge in edges), ""]
    return Figure(
        id="residuals",
        title="Distribution of residuals",
        says="Prediction − truth: right of the dotted line the prediction is too high. "
        f"{count(beyond)} of {count(of.rows)} rows of the candidate lie beyond the ends.",
        svg=plane.svg(
            *histogram(plane, edges, shares),
            plane.line([(0, 0), (0, high)], "reference") if edges[0] < 0 < edges[-1] else Markup(),
            says="Distribution of the residuals",
        ),
        table=Table(
            head=(f"residual ({unit})", *(f"{it}: rows" for it in models(champion=of.champion))),
            rows=tuple(
                (f"{low} … {high}".strip(), *map(count, rows))
                for low, high, *rows in zip(bounds, bounds[1:], *who, strict=False)
            ),
        ),
        key=models(champion=of.champion),
    )
