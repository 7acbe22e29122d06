"""What a model looks at: the importance of its features, beside that of the champion's."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pennon.report.numbers import MISSING, count, places, value
from pennon.report.plots.figure import CANDIDATE, CHAMPION, Figure, Table, bounded
from pennon.report.plots.rows import Ladder, Row
from pennon.report.plots.scale import Scale
from pennon.report.plots.svg import element, line
from pennon.report.view import Feature, ReviewView
from pennon.report.words import metric

MOST_BARS, MOST_ROWS = 20, 100
MOVED = {1: "▲", -1: "▼", 0: ""}


def features_figure(view: ReviewView) -> Figure | None:
    """The most important first."""
    if not view.features:
        return None
    read = [it for it in view.features if not it.idle] or view.features
    found = sorted(read, key=lambda it: -it.importance)
    digits = max(places([it.importance]) for it in found[:MOST_ROWS])
    compared = any(it.before is not None for it in found)
    rest = len(found) - MOST_BARS
    return Figure(
        id="features",
        title="Feature importance",
        says=_says(found) + (f" The first {MOST_BARS} of {count(len(found))}." if rest > 0 else ""),
        svg=_bars(found[:MOST_BARS]),
        table=bounded(
            Table(
                head=("feature", CANDIDATE, *((CHAMPION, "moved") if compared else ())),
                rows=tuple(_cells(it, digits, compared=compared) for it in found),
            ),
            MOST_ROWS,
        ),
        key=(CANDIDATE, CHAMPION) if compared else (CANDIDATE,),
    )


def _says(found: Sequence[Feature]) -> str:
    name = metric(found[0].metric) if found[0].metric else "the decision metric"
    told = f"How much worse {name} gets when a column is shuffled."
    if any(it.half is not None for it in found):
        told += " Lines are intervals of the rows and the shuffles."
    if any(it.before is not None for it in found):
        told += (
            " The champion's as stored when it was registered, trained on all rows; ▲ more, ▼ less"
            " than before, beyond both intervals."
        )
    return told


def _cells(it: Feature, digits: int, *, compared: bool) -> tuple[str, ...]:
    ours, theirs = _number(it.importance, it.half, digits), MISSING
    if it.before is not None:
        theirs = _number(it.before, it.half_before, digits)
    return (it.name, ours, *((theirs, MOVED[it.moved]) if compared else ()))


def _number(number: float, half: float | None, digits: int) -> str:
    return value(number, digits) + ("" if half is None else f" ± {value(half, digits)}")


def _bars(features: Sequence[Feature]) -> Markup:
    known = [end for it in features for end in (*_ends(it.importance, it.half), *_past(it))]
    low, high = min(0.0, *known), max(0.0, *known) or 1.0
    ladder = Ladder("loss of the metric", low * 1.05, high * 1.05, len(features))
    drawn = [_row(it, ladder.scale, ladder.middle(i)) for i, it in enumerate(features)]
    return ladder.svg(drawn, says="Importance of features")


def _row(it: Feature, scale: Scale, y: float) -> Row:
    said = value(it.importance, places([it.importance]))
    bars = [_bar(scale, it.importance, y - 6, CANDIDATE)]
    if it.half is not None:
        bars.append(_whisker(scale, _ends(it.importance, it.half), y - 3))
    if it.before is not None:
        said = f"{said} (was {value(it.before, places([it.before]))}) {MOVED[it.moved]}".strip()
        bars.append(_bar(scale, it.before, y + 1, CHAMPION))
        if it.half_before is not None:
            bars.append(_whisker(scale, _ends(it.before, it.half_before), y + 4))
    return Row(name=it.name, aside=said, says=f"{it.name}: {said}", marks=tuple(bars))


def _ends(number: float, half: float | None) -> tuple[float, float]:
    return number - (half or 0.0), number + (half or 0.0)


def _past(it: Feature) -> tuple[float, ...]:
    return () if it.before is None else _ends(it.before, it.half_before)


def _whisker(scale: Scale, ends: tuple[float, float], y: float) -> Markup:
    return line((scale(ends[0]), y), (scale(ends[1]), y), "error")


def _bar(scale: Scale, number: float, y: float, css: str) -> Markup:
    left, right = sorted((scale(0), scale(number)))
    return element(
        "rect", x=left, y=y, width=max(right - left, 0.5), height=6, class_=f"{css} solid"
    )
