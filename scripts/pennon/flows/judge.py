"""Judge a candidate that is still in memory: beside the champion, and all else that is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pennon.config import Config
from pennon.evaluation import Evaluation
from pennon.flows.aspects import with_aspects
from pennon.flows.compare import looks_at, measure
from pennon.flows.exhibits import exhibits, keep
from pennon.flows.train import Trained
from pennon.registry import ModelState

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def judge(
    config: Config,
    state: ModelState,
    trained: Trained,
    champion: tuple[str, NDArray[np.float64]] | None,
) -> Evaluation:
    """`champion`: its version and predictions (n,) for the rows that judge, if there are any.

    What the report page draws is kept beside the candidate.
    """
    model, rows, ours = state.model, trained.rows, trained.predictions
    evaluation = measure(
        config,
        model,
        rows,
        candidate=ours,
        champion=champion,
        looks=looks_at(config, state, rows) + 1,
    )
    theirs = champion[1] if champion else None
    keep(trained.candidate.folder, exhibits(config, model, rows, candidate=ours, champion=theirs))
    return with_aspects(config, model, evaluation, trained)
