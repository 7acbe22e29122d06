"""Pictures of numbers: text bars and Mermaid for a comment, geometry for SVG on a page."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from pennon.report.numbers import row_places, value
from pennon.report.view import Feature, MetricRow, ReviewView
from pennon.report.words import metric

BAR = 20
NOT_IN_A_LABEL = re.compile(r"[^\w .+()/-]")


class Whisker(msgspec.Struct, frozen=True):
    """One row of a forest plot. Places are shares of the width; right of the middle is better."""

    row: MetricRow
    low: float
    middle: float
    high: float
    limit: float | None


class Point(msgspec.Struct, frozen=True):
    """One version of a trend; places are shares of the width and height, from the lower left."""

    label: str
    value: float
    x: float
    y: float


def feature_bars(features: Sequence[Feature]) -> str:
    """Names, bars and numbers in columns of fixed width."""
    most = max((abs(feature.importance) for feature in features), default=0.0) or 1.0
    names = [" ".join(feature.name.split())[:40] for feature in features]
    width = max(map(len, names), default=0)
    return "\n".join(
        _feature_bar(feature, name.ljust(width), most)
        for feature, name in zip(features, names, strict=True)
    )


def history_chart(view: ReviewView) -> str:
    """Mermaid of the decision metric, as `xychart-beta` with quoted labels (all versions read it).

    Only versions on today's holdout: others are not on the same scale.
    """
    row = view.deciding
    past = [past for past in view.history if past.same_holdout]
    if row is None or not past:
        return ""
    values = [*(past.value for past in past), row.scores.candidate]
    labels = [*(past.version for past in past), "candidate"]
    low, high = _range(values)
    digits = row_places(row)
    name = _quoted(metric(row.scores.metric))
    line = f"    line [{', '.join(f'{number:.{digits}f}' for number in values)}]"
    return "\n".join(
        [
            "xychart-beta",
            f"    x-axis [{', '.join(map(_quoted, labels))}]",
            f"    y-axis {name} {low:.{digits}f} --> {high:.{digits}f}",
            # Twice: the first colour of Mermaid's palette can hardly be seen on white.
            line,
            line,
        ]
    )


def forest(rows: Sequence[MetricRow], *, shared: bool = False) -> list[Whisker]:
    """Differences turned so that better is right: each row on its own scale, or all on one."""
    reaches = [_reach(row) for row in rows]
    widest = max(reaches, default=1.0)
    return [
        _whisker(row, widest if shared else reach) for row, reach in zip(rows, reaches, strict=True)
    ]


def trend(view: ReviewView) -> list[Point]:
    """The versions on today's holdout and the candidate, from left to right."""
    row = view.deciding
    past = [(past.version, past.value) for past in view.history if past.same_holdout]
    if row is None or not past:
        return []
    found = [*past, ("candidate", row.scores.candidate)]
    low, high = _range([number for _, number in found])
    step = 1 / (len(found) - 1)
    return [
        Point(label, number, i * step, (number - low) / (high - low))
        for i, (label, number) in enumerate(found)
    ]


def _limit(row: MetricRow) -> float | None:
    """The limit of the row's first relative gate, in terms of improvement."""
    sign = 1 if row.scores.greater_is_better else -1
    found = (gate.limit for gate in row.gates if gate.relative and gate.limit is not None)
    return next((sign * limit for limit in found), None)


def _reach(row: MetricRow) -> float:
    it = row.scores
    return max(map(abs, (it.improvement_low, it.improvement_high, _limit(row) or 0.0))) * 1.1 or 1.0


def _whisker(row: MetricRow, reach: float) -> Whisker:
    it, limit = row.scores, _limit(row)

    def place(number: float) -> float:
        return 0.5 + number / reach / 2

    return Whisker(
        row,
        place(it.improvement_low),
        place(it.improvement),
        place(it.improvement_high),
        None if limit is None else place(limit),
    )


def _feature_bar(feature: Feature, name: str, most: float) -> str:
    bar = "█" * max(0, round(BAR * feature.importance / most))
    before = f"  (was {value(feature.before, 3)})" if feature.before is not None else ""
    return f"{name}  {bar.ljust(BAR)}  {value(feature.importance, 3)}{before}"


def _range(values: Sequence[float]) -> tuple[float, float]:
    """A little more than the values take, so that no point lies on the edge."""
    low, high = min(values), max(values)
    room = (high - low) * 0.1 or abs(high) * 0.01 or 1.0
    return low - room, high + room


def _quoted(label: str) -> str:
    return f'"{NOT_IN_A_LABEL.sub(" ", label)}"'
