"""The decision: what a candidate is worth, and what the gates say of it.

This door is light. `pennon.evaluation.compare` measures, and needs numpy.
"""

from pennon.evaluation.decide import decide
from pennon.evaluation.estimate import Noise
from pennon.evaluation.names import METRICS, Metric, check, known, metric
from pennon.evaluation.qualities import QUALITIES
from pennon.evaluation.records import (
    Comparison,
    Confusion,
    Counts,
    Evaluation,
    Method,
    Residuals,
    Scores,
    SliceScores,
)
from pennon.evaluation.verdict import GateResult, Outcome, Verdict, VerdictOutcome, digest

__all__ = [
    "METRICS",
    "QUALITIES",
    "Comparison",
    "Confusion",
    "Counts",
    "Evaluation",
    "GateResult",
    "Method",
    "Metric",
    "Noise",
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
