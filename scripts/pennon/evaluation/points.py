"""What charts of predictions are drawn from: bounded, exact at every point that is there.

No point is a row of data: all of them count rows, or are quantiles of a bin of rows.
"""

from __future__ import annotations

import msgspec


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that a model calls positive, rightly and wrongly, at thresholds from high to low.

    A row is called positive where its prediction is at least the threshold.
    """

    thresholds: tuple[float, ...]
    true_positive: tuple[int, ...]
    false_positive: tuple[int, ...]

    def roc(self, positives: int, negatives: int) -> list[tuple[float, float]]:
        """(false positive rate, true positive rate), from (0, 0) to (1, 1)."""
        pairs = zip(self.false_positive, self.true_positive, strict=True)
        return [(0.0, 0.0), *((wrong / negatives, right / positives) for wrong, right in pairs)]

    def precision_recall(self, positives: int) -> list[tuple[float, float]]:
        """(recall, precision), recall growing; only thresholds that call some row positive."""
        pairs = zip(self.true_positive, self.false_positive, strict=True)
        return [
            (right / positives, right / (right + wrong)) for right, wrong in pairs if right + wrong
        ]


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Bins of rows with like predictions: their mean prediction, how many, how many positive."""

    predicted: tuple[float, ...]
    rows: tuple[int, ...]
    positive: tuple[int, ...]

    @property
    def observed(self) -> list[float]:
        return [hit / rows for hit, rows in zip(self.positive, self.rows, strict=True)]


class Classifier(msgspec.Struct, frozen=True, kw_only=True):
    """One of them: `at` is a sweep of thresholds that all models share.

    `predictions` counts rows in bins of equal width from 0 to 1.
    """

    sweep: Sweep
    at: Sweep
    calibration: Calibration
    predictions: tuple[int, ...]


class Fan(msgspec.Struct, frozen=True, kw_only=True):
    """Bins of rows with like predictions: mean prediction, rows, quantiles of the residual."""

    predicted: tuple[float, ...]
    rows: tuple[int, ...]
    quantiles: tuple[tuple[float, ...], ...]


class Regressor(msgspec.Struct, frozen=True, kw_only=True):
    """One of them: `residuals` counts rows between edges that all models share.

    The first and the last count are of rows beyond the edges.
    """

    fan: Fan
    residuals: tuple[int, ...]


class ClassifierCurves(msgspec.Struct, frozen=True, kw_only=True, tag="classification"):
    """Binary classifiers on the same rows; `threshold` is the one that decides."""

    rows: int
    positives: int
    threshold: float
    candidate: Classifier
    champion: Classifier | None = None

    @property
    def negatives(self) -> int:
        return self.rows - self.positives


class RegressorCurves(msgspec.Struct, frozen=True, kw_only=True, tag="regression"):
    """Regressors on the same rows. A residual is prediction - truth, in the target's unit."""

    rows: int
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    candidate: Regressor
    champion: Regressor | None = None


Curves = ClassifierCurves | RegressorCurves
