"""What the answer to one request was worth, now that its outcome is known. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pennon.config.rollout import Goal, Measure


def worth(
    goal: Goal, outcome: Sequence[float], predictions: Sequence[float], threshold: float
) -> float | None:
    """On the goal's own scale; the mean over the rows of the request.

    None where the request was not answered, or has another number of rows than the outcome.
    """
    if goal.measure is Measure.OUTCOME:
        return sum(outcome) / len(outcome) if outcome else None
    if not predictions or len(predictions) != len(outcome):
        return None
    rows = zip(outcome, predictions, strict=True)
    return sum(_row(goal.measure, y, p, threshold) for y, p in rows) / len(outcome)


def _row(measure: Measure, truth: float, prediction: float, threshold: float) -> float:
    match measure:
        case Measure.ACCURACY:
            return float((prediction >= threshold) == (truth > 0))
        case Measure.MEAN_ABSOLUTE_ERROR:
            return abs(prediction - truth)
        case _:
            return (prediction - truth) ** 2


def kept(goal: Goal, value: float) -> float:
    """In [0, 1]: what lies outside of the bounds counts as the bound."""
    low, high = goal.bounds
    return min(1.0, max(0.0, (value - low) / (high - low)))
