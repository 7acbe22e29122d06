"""The decision: what a candidate is worth, and what the gates say of it.

This door is light. `pennon.evaluation.compare` measures, and needs numpy.
"""

from pennon.evaluation.decide import decide
from pennon.evaluation.names import METRICS, Metric, check, known, metric
from pennon.evaluation.records import (
    Comparison,
    Confusion,
    Counts,
    Evaluation,
    Residuals,
    Scores,
    SliceScores,
)
from pennon.evaluation.verdict import GateResult, Outcome, Verdict, VerdictOutcome, digest

__all__ = [
    "METRICS",
    "Comparison",
    "Confusion",
    "Counts",
    "Evaluation",
    "GateResult",
    "Metric",
    "Outcome",
    "Residuals",
    "Scores",
    "SliceScores",
    "Verdict",
    "VerdictOutcome",
    "check",
    "decide",
    "digest",
    "known",
    "metric",
]
