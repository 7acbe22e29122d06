"""How a comparison is to be made."""

from __future__ import annotations

import msgspec

from pennon.config import Task
from pennon.evaluation.names import check


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How to compare: `confidence` of the whole-holdout intervals, `resamples` of the bootstrap."""

    model: str
    task: Task
    metric: str
    metrics: tuple[str, ...] = ()
    threshold: float = 0.5
    holdout: str = ""
    confidence: float = 0.95
    resamples: int = 1000
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names, the decision metric first, each once."""
        asked = (self.metric, *self.metrics)
        return tuple(dict.fromkeys(check(name, self.task).name for name in asked))
