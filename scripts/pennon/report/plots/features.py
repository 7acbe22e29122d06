"""What a model looks at: the importance of its features, beside that of the champion's."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pennon.report.numbers import MISSING, count, places, value
from pennon.report.plots.figure import CANDIDATE, CHAMPION, Figure, Table, bounded
from pennon.report.plots.rows import Ladder, Row
from pennon.report.plots.scale import Scale
from pennon.report.plots.svg import element
from pennon.report.view import Feature, ReviewView

MOST_BARS, MOST_ROWS = 20, 100


def features_figure(view: ReviewView) -> Figure | None:
    """The most important first."""
    if not view.features:
        return None
    found = sorted(view.features, key=lambda it: -it.importance)
    digits = max(places([it.importance]) for it in found[:MOST_ROWS])
    compared = any(it.before is not None for it in found)
    rest = len(found) - MOST_BARS
    return Figure(
        id="features",
        title="Feature importance",
        says="How much worse the decision metric gets when a column is shuffled."
        + (f" The first {MOST_BARS} of {count(len(found))} features." if rest > 0 else ""),
        svg=_bars(found[:MOST_BARS]),
        table=bounded(
            Table(
                head=("feature", CANDIDATE, *((CHAMPION,) if compared else ())),
                rows=tuple(_cells(it, digits, compared=compared) for it in found),
            ),
            MOST_ROWS,
        ),
        key=(CANDIDATE, CHAMPION) if compared else (CANDIDATE,),
    )


def _cells(it: Feature, digits: int, *, compared: bool) -> tuple[str, ...]:
    before = MISSING if it.before is None else value(it.before, digits)
    return (it.name, value(it.importance, digits), *((before,) if compared else ()))


def _bars(features: Sequence[Feature]) -> Markup:
    known = [n for it in features for n in (it.importance, it.before) if n is not None]
    low, high = min(0.0, *known), max(0.0, *known) or 1.0
    ladder = Ladder("loss of the decision metric", low * 1.05, high * 1.05, len(features))
    drawn = [_row(it, ladder.scale, ladder.middle(i)) for i, it in enumerate(features)]
    return ladder.svg(drawn, says="Importance of features")


def _row(it: Feature, scale: Scale, y: float) -> Row:
    said = value(it.importance, places([it.importance]))
    bars = [_bar(scale, it.importance, y - 6, CANDIDATE)]
    if it.before is not None:
        said = f"{said} (was {value(it.before, places([it.before]))})"
        bars.append(_bar(scale, it.before, y + 1, CHAMPION))
    return Row(name=it.name, aside=said, says=f"{it.name}: {said}", marks=tuple(bars))


def _bar(scale: Scale, number: float, y: float, css: str) -> Markup:
    left, right = sorted((scale(0), scale(number)))
    return element(
        "rect", x=left, y=y, width=max(right - left, 0.5), height=6, class_=f"{css} solid"
    )
