"""The charts of binary classifiers: ROC, precision-recall, calibration, predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt

from markupsafe import Markup

from pennon.evaluation.points import Calibration, Classifier, ClassifierCurves
from pennon.report.numbers import MISSING, count, share, value
from pennon.report.plots.figure import CANDIDATE, CHAMPION, Figure, Table, models
from pennon.report.plots.histogram import histogram
from pennon.report.plots.plane import Axis, Plane

Z = 1.959964
"""Of a 95 % interval."""
MOST_THRESHOLDS = 20
"""In a table; a chart has more points."""

Rates = Callable[[int, int], tuple[float | None, float | None]]


def classifier_figures(of: ClassifierCurves) -> tuple[Figure, ...]:
    return (_roc(of), _precision_recall(of), _calibration(of), _predictions(of))


def at_threshold(of: ClassifierCurves) -> int:
    """Where the threshold that decides stands among those that all models share."""
    thresholds = of.candidate.at.thresholds
    return min(range(len(thresholds)), key=lambda i: abs(thresholds[i] - of.threshold))


def members(of: ClassifierCurves) -> list[tuple[str, Classifier]]:
    """The champion first: what is drawn last lies on top."""
    theirs = [] if of.champion is None else [(CHAMPION, of.champion)]
    return [*theirs, (CANDIDATE, of.candidate)]


def wilson(hits: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927): sound for few rows and shares near 0 or 1."""
    p, square = hits / rows, Z * Z / rows
    middle, half = p + square / 2, Z * sqrt(p * (1 - p) / rows + square / rows / 4)
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def _roc(of: ClassifierCurves) -> Figure:
    plane = Plane(
        Axis("false positive rate (of actual 0)", 0, 1),
        Axis("true positive rate (of actual 1)", 0, 1),
    )

    def rates(right: int, wrong: int) -> tuple[float, float]:
        return wrong / of.negatives, right / of.positives

    lines = [
        plane.line(it.sweep.roc(of.positives, of.negatives), f"{name} curve", name)
        for name, it in members(of)
    ]
    return Figure(
        id="roc",
        title="ROC curve",
        says="Up and to the left is better; the dotted line is chance. The marks are at the "
        "threshold.",
        svg=plane.svg(
            plane.line([(0, 0), (1, 1)], "reference"),
            *lines,
            *_marks(of, plane, rates, "roc"),
            says="ROC curve: true positive rate against false positive rate",
        ),
        table=_at_thresholds(of, rates, ("false positive rate", "true positive rate")),
        key=models(champion=of.champion),
    )


def _precision_recall(of: ClassifierCurves) -> Figure:
    plane = Plane(
        Axis("recall (of actual 1)", 0, 1),
        Axis("precision (of predicted 1)", 0, 1),
    )

    def rates(right: int, wrong: int) -> tuple[float | None, float | None]:
        return right / of.positives, right / (right + wrong) if right + wrong else None

    base = of.positives / of.rows
    lines = [
        plane.steps([(0.0, points[0][1]), *points], f"{name} curve", name)
        for name, it in members(of)
        for points in [it.sweep.precision_recall(of.positives)]
    ]
    return Figure(
        id="precision-recall",
        title="Precision and recall",
        says=f"Up and to the right is better; the dotted line is chance, {share(base)}. The marks "
        "are at the threshold.",
        svg=plane.svg(
            plane.line([(0, base), (1, base)], "reference"),
            *lines,
            *_marks(of, plane, rates, "precision-recall"),
            says="Precision against recall",
        ),
        table=_at_thresholds(of, rates, ("recall", "precision")),
        key=models(champion=of.champion),
    )


def _calibration(of: ClassifierCurves) -> Figure:
    found = [(name, it.calibration) for name, it in members(of)]
    most = max(max(*it.predicted, *(high for _, high in _intervals(it))) for _, it in found)
    high = min(1.0, most * 1.05)
    plane = Plane(
        Axis("mean prediction (probability of 1)", 0, high),
        Axis("share of rows that are 1", 0, high),
    )
    parts = [part for name, it in found for part in _reliability(plane, it, name)]
    return Figure(
        id="calibration",
        title="Calibration",
        says="Bins of about equally many rows with like predictions. On the dotted line "
        "predictions come true as often as they say; above it they are too low. The bars are 95 % "
        "intervals.",
        svg=plane.svg(
            plane.line([(0, 0), (high, high)], "reference"),
            *parts,
            says="Calibration: share of rows that are 1 against mean prediction",
        ),
        table=Table(
            head=("model", "mean prediction", "share of 1", "95 % interval", "rows"),
            rows=tuple(row for name, it in reversed(found) for row in _bins(name, it)),
        ),
        key=models(champion=of.champion),
    )


def _reliability(plane: Plane, it: Calibration, css: str) -> Iterator[Markup]:
    points = list(zip(it.predicted, it.observed, strict=True))
    for (x, _), ends in zip(points, _intervals(it), strict=True):
        yield plane.whisker(x, ends, f"{css} whisker")
    yield plane.line(points, f"{css} curve thin")
    for (x, y), rows in zip(points, it.rows, strict=True):
        says = f"{css}: predicted {value(x, 3)}, observed {value(y, 3)}, {count(rows)} rows"
        yield plane.dot((x, y), css, says)


def _predictions(of: ClassifierCurves) -> Figure:
    bins = len(of.candidate.predictions)
    sides = [i / bins for i in range(bins + 1)]
    shares = {name: [n / of.rows for n in it.predictions] for name, it in members(of)}
    high = max(map(max, shares.values())) * 1.05
    plane = Plane(Axis("prediction (probability of 1)", 0, 1), Axis("share of rows", 0, high))
    return Figure(
        id="predictions",
        title="Predictions",
        says="How often each probability is predicted; left of the dotted line the model says 0.",
        svg=plane.svg(
            *histogram(plane, sides, shares),
            plane.line([(of.threshold, 0), (of.threshold, high)], "reference"),
            says="Distribution of the predicted probabilities",
        ),
        table=Table(
            head=("prediction", *(f"{name}: rows" for name in models(champion=of.champion))),
            rows=tuple(
                (f"{value(low, 2)} … {value(high, 2)}", *map(count, rows))
                for low, high, *rows in zip(
                    sides,
                    sides[1:],
                    *(it.predictions for _, it in reversed(members(of))),
                    strict=False,
                )
            ),
        ),
        key=models(champion=of.champion),
    )


def _marks(of: ClassifierCurves, plane: Plane, rates: Rates, chart: str) -> Iterator[Markup]:
    i = at_threshold(of)
    for name, it in members(of):
        x, y = rates(it.at.true_positive[i], it.at.false_positive[i])
        if x is not None and y is not None:
            says = f"{name} at threshold {of.threshold:g}: {value(x, 3)}, {value(y, 3)}"
            yield plane.dot((x, y), name, says, f"{chart} {name}")


def _at_thresholds(of: ClassifierCurves, rates: Rates, names: tuple[str, str]) -> Table:
    def cells(it: Classifier, i: int) -> list[str]:
        found = rates(it.at.true_positive[i], it.at.false_positive[i])
        return [MISSING if rate is None else value(rate, 3) for rate in found]

    return table_of(of, cells, names)


def table_of(
    of: ClassifierCurves, cells: Callable[[Classifier, int], list[str]], names: tuple[str, ...]
) -> Table:
    """All models at the same few thresholds, the one that decides among them."""
    who = list(reversed(members(of)))
    thresholds = of.candidate.at.thresholds
    step = max(1, len(thresholds) // MOST_THRESHOLDS)
    chosen = sorted({*range(0, len(thresholds), step), at_threshold(of)})
    return Table(
        head=("threshold", *(f"{model}: {name}" for model, _ in who for name in names)),
        rows=tuple(
            (f"{thresholds[i]:g}", *(cell for _, it in who for cell in cells(it, i)))
            for i in chosen
        ),
    )


def _bins(name: str, it: Calibration) -> Iterator[tuple[str, ...]]:
    for x, y, rows, (low, high) in zip(
        it.predicted, it.observed, it.rows, _intervals(it), strict=True
    ):
        interval = f"{value(low, 3)} … {value(high, 3)}"
        yield name, value(x, 3), value(y, 3), interval, count(rows)


def _intervals(it: Calibration) -> list[tuple[float, float]]:
    return [wilson(hits, rows) for hits, rows in zip(it.positive, it.rows, strict=True)]
