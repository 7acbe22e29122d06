"""Pictures of numbers in a comment: text bars and Mermaid. A page has its own (plots/)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pennon.report.numbers import places, row_places, value
from pennon.report.view import Feature, ReviewView
from pennon.report.words import metric

BAR = 20
NOT_IN_A_LABEL = re.compile(r"[^\w .+()/-]")


def feature_bars(features: Sequence[Feature]) -> str:
    """Names, bars and numbers in columns of fixed width; ▲ and ▼ where one has moved."""
    most = max((abs(feature.importance) for feature in features), default=0.0) or 1.0
    names = [" ".join(feature.name.split())[:40] for feature in features]
    width = max(map(len, names), default=0)
    numbers = [_with_half(it.importance, it.half, most) for it in features]
    wide = max(map(len, numbers), default=0)
    return "\n".join(
        f"{name.ljust(width)}  {_bar(it, most)}  {number.ljust(wide)}{_before(it, most)}".rstrip()
        for it, name, number in zip(features, names, numbers, strict=True)
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


def _bar(feature: Feature, most: float) -> str:
    return ("█" * max(0, round(BAR * feature.importance / most))).ljust(BAR)


def _with_half(number: float, half: float | None, most: float) -> str:
    digits = places([most])
    return value(number, digits) + ("" if half is None else f" ± {value(half, digits)}")


def _before(feature: Feature, most: float) -> str:
    if feature.before is None:
        return ""
    moved = {1: " ▲", -1: " ▼"}.get(feature.moved, "")
    return f"  (was {_with_half(feature.before, feature.half_before, most)}){moved}"


def _range(values: Sequence[float]) -> tuple[float, float]:
    """A little more than the values take, so that no point lies on the edge."""
    low, high = min(values), max(values)
    room = (high - low) * 0.1 or abs(high) * 0.01 or 1.0
    return low - room, high + room


def _quoted(label: str) -> str:
    return f'"{NOT_IN_A_LABEL.sub(" ", label)}"'
