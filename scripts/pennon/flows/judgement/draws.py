"""The candidate's recipe and the champion's, each trained on many draws of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.config import Config
from pennon.datasets.groups import groups
from pennon.evaluation import Evaluation, metric
from pennon.evaluation.draws import Split, drawn, splits
from pennon.evaluation.metrics import vectorised
from pennon.evaluation.names import COST
from pennon.flows.judgement.rows import Rows
from pennon.flows.judgement.yardsticks import yardsticks
from pennon.flows.versions.bundle import recipe_bundle
from pennon.flows.world import World
from pennon.registry import ModelState
from pennon.training.again import again_and_again

Floats = NDArray[np.float64]


def with_draws(
    world: World,
    config: Config,
    state: ModelState,
    *,
    evaluation: Evaluation,
    rows: Rows,
    ours: Path | None = None,
) -> Evaluation:
    """The evaluation with the decision metric over `draws` trainings, where the model asks for it.

    No sealed row is looked at. `ours` has the candidate's recipe; the work tree where it is none.
    Raises ArtifactError for a recipe that cannot be trained.
    """
    model, holder = state.model, state.holder("champion")
    it = config.model(model)
    if not it.draws or holder is None:
        return evaluation
    together = groups(rows.train, config.dataset_of(model))
    divided = list(splits(len(rows.train), it.draws, it.seed, together))
    world.say(f"training {model} and {holder} on {it.draws} draws of {len(rows.train)} rows")
    roots = (ours or world.root, recipe_bundle(world, state, holder))
    started = [again_and_again(root, model, rows.train, divided) for root in roots]
    scored = [_scored(world, config, model, rows, at=(divided, it.result())) for it in started]
    sizes = len(divided[0].train), len(divided[0].test)
    found = drawn(it.metric, str(holder), scored, sizes)
    return msgspec.structs.replace(evaluation, draws=found)


def _scored(
    world: World,
    config: Config,
    model: str,
    rows: Rows,
    *,
    at: tuple[Sequence[Split], Floats],
) -> Floats:
    """The decision metric in each draw (draws,), of predictions for its test rows."""
    it, (divided, predictions) = config.model(model), at
    name = metric(it.metric).name
    score = vectorised(name, it.threshold)
    ends = np.cumsum([len(part.test) for part in divided])
    found = []
    for part, predicted in zip(divided, np.split(predictions, ends[:-1]), strict=True):
        tested = rows.train.iloc[part.test]
        truth = tested[it.target].to_numpy(dtype=np.float64)
        costs = yardsticks(config, model, tested, world.root).costs if name == COST else None
        values = costs(predicted) if costs else predicted
        found.append(score(truth, values, np.ones((1, truth.size)))[0])
    return np.array(found)
