"""Judge a candidate that is still in memory: beside the champion, and all else that is measured."""

from __future__ import annotations

import msgspec

from pennon.config import Config
from pennon.evaluation import Evaluation
from pennon.evaluation.aspects import Importance
from pennon.flows.compare import looks_at, measure
from pennon.flows.judgement.aspects import with_aspects
from pennon.flows.judgement.draws import with_draws
from pennon.flows.judgement.exhibits import exhibits, keep
from pennon.flows.judgement.rivals import Rivals
from pennon.flows.train import Trained
from pennon.flows.world import World
from pennon.registry import ModelState


def judge(
    world: World,
    config: Config,
    state: ModelState,
    trained: Trained,
    *,
    rivals: Rivals,
    before: Importance | None = None,
) -> Evaluation:
    """Beside its rivals, on the rows of its run. What the report page draws is kept beside it.

    `before` is the importance that was stored with the champion.
    """
    model, rows, ours = state.model, trained.rows, trained.predictions
    evaluation = measure(
        config,
        model,
        rows,
        candidate=ours,
        rivals=rivals,
        looks=looks_at(config, state, rows) + 1,
    )
    theirs = rivals.champion[1] if rivals.champion else None
    if rivals.champion:
        evaluation = with_draws(world, config, state, evaluation=evaluation, rows=rows)
    evaluation = with_aspects(config, evaluation, trained, champion=theirs, before=before)
    shown = exhibits(config, model, rows, candidate=ours, champion=theirs)
    shown = msgspec.structs.replace(shown, importance=evaluation.importance)
    keep(trained.candidate.folder, shown)
    return evaluation
