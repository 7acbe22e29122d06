"""The confusion matrix at every threshold that is worth a look: what the page's slider shows."""

from __future__ import annotations

from typing import Any

from pennon.evaluation import Counts
from pennon.evaluation.points import Classifier, ClassifierCurves
from pennon.report.numbers import MISSING, count, value
from pennon.report.plots.classifier import at_threshold, members, table_of
from pennon.report.plots.figure import Table
from pennon.report.view import View

CELLS = ("true_negative", "false_positive", "false_negative", "true_positive")
RATES = ("precision", "recall", "false positive rate", "accuracy")


class Matrix(View, frozen=True, kw_only=True):
    """One model at the threshold that decides."""

    model: str
    counts: Counts
    rates: dict[str, str]


class Slider(View, frozen=True, kw_only=True):
    """`facts` are what the page's script computes from; thresholds rise with the slider."""

    matrices: tuple[Matrix, ...]
    threshold: float
    place: int
    facts: dict[str, Any]
    table: Table


def slider(of: ClassifierCurves) -> Slider:
    who = list(reversed(members(of)))
    i = at_threshold(of)
    thresholds = of.candidate.at.thresholds
    return Slider(
        matrices=tuple(
            Matrix(model=name, counts=(found := _counts(of, it, i)), rates=_rates(found))
            for name, it in who
        ),
        threshold=thresholds[i],
        place=len(thresholds) - 1 - i,
        facts={
            "positives": of.positives,
            "negatives": of.negatives,
            "thresholds": thresholds[::-1],
            "models": {
                name: {"tp": it.at.true_positive[::-1], "fp": it.at.false_positive[::-1]}
                for name, it in who
            },
        },
        table=table_of(
            of,
            lambda it, k: [count(it.at.true_positive[k]), count(it.at.false_positive[k])],
            ("true positive", "false positive"),
        ),
    )


def _counts(of: ClassifierCurves, it: Classifier, i: int) -> Counts:
    right, wrong = it.at.true_positive[i], it.at.false_positive[i]
    return Counts(
        true_negative=of.negatives - wrong,
        false_positive=wrong,
        false_negative=of.positives - right,
        true_positive=right,
    )


def _rates(of: Counts) -> dict[str, str]:
    rows = of.true_positive + of.false_negative + of.true_negative + of.false_positive
    parts = (
        (of.true_positive, of.true_positive + of.false_positive),
        (of.true_positive, of.true_positive + of.false_negative),
        (of.false_positive, of.false_positive + of.true_negative),
        (of.true_positive + of.true_negative, rows),
    )
    found = (value(part / whole, 3) if whole else MISSING for part, whole in parts)
    return dict(zip(RATES, found, strict=True))
