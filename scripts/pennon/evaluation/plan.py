"""How a comparison is to be made."""

from __future__ import annotations

import msgspec

from pennon.config import Task
from pennon.evaluation.names import COST, check

_STAND_INS = {Task.CLASSIFICATION: "log_loss", Task.REGRESSION: "mean_absolute_error"}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`confidence` is that of one interval by itself; gates that are decided together share it.

    `looks` counts the looks at these rows, this one included (see Evaluation).
    """

    model: str
    task: Task
    metric: str
    metrics: tuple[str, ...] = ()
    slice_metrics: tuple[str, ...] = ()
    threshold: float = 0.5
    holdout: str = ""
    confidence: float = 0.95
    resamples: int = 1000
    seed: int = 0
    looks: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical names, the decision metric first, each once."""
        return self._canonical((self.metric, *self.metrics))

    @property
    def slice_names(self) -> tuple[str, ...]:
        """The metrics of slices: the decision metric, and what gates ask of slices."""
        return self._canonical((self.metric, *self.slice_metrics))

    @property
    def scored(self) -> Plan:
        """The same, decided by a metric of truth and predictions alone: a cost needs its rows."""
        if self.names[0] != COST:
            return self
        return msgspec.structs.replace(self, metric=_STAND_INS[self.task])

    def _canonical(self, asked: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check(name, self.task).name for name in asked))
