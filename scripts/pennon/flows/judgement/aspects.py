"""What is measured of a candidate besides its comparison: importance, leaks, footprint."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.artifacts.footprint import METHOD, Cost, added
from pennon.artifacts.footprint import footprint as cost_of
from pennon.config import Against, Config
from pennon.datasets import Split
from pennon.datasets.groups import groups
from pennon.errors import ArtifactError
from pennon.evaluation import Evaluation
from pennon.evaluation.aspects import Footprint, Importance, Probes, figures
from pennon.evaluation.compare import Reference, constant_baseline
from pennon.evaluation.discovery import discover
from pennon.evaluation.explain import explain
from pennon.evaluation.importance import Limits, importance
from pennon.evaluation.insight import Discovery, Explanation
from pennon.evaluation.probes import Suspect, probe
from pennon.evaluation.qualities import is_cost
from pennon.evaluation.records import BASELINE
from pennon.flows.compare import plan
from pennon.flows.judgement.rows import Rows
from pennon.flows.train import Trained
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.changes import LOCKFILE
from pennon.flows.world import World
from pennon.registry import ModelState

QUICK = Limits(rows=1000, repeats=3, seconds=5.0)
"""A review has to answer soon; a registration takes its time."""


def with_aspects(
    config: Config,
    evaluation: Evaluation,
    trained: Trained,
    *,
    champion: NDArray[np.float64] | None,
    before: Importance | None,
) -> Evaluation:
    """The evaluation with all that can be measured while the model is in memory.

    `champion` are its predictions (n,) for the rows that judge, and `before` the importance that
    was stored with it.
    """
    model = evaluation.model
    return msgspec.structs.replace(
        evaluation,
        importance=_importance(config, model, trained, before),
        probes=probes(config, model, trained.rows),
        discovery=_discovery(config, model, trained, champion),
        explanation=_explanation(config, model, trained),
    )


def with_footprint(
    world: World,
    config: Config,
    state: ModelState,
    *,
    evaluation: Evaluation,
    ours: Path,
    rows: Rows,
) -> Evaluation:
    """What it costs to run the bundle in `ours`, beside that of the champion.

    Only where a gate asks for it: two processes that load the libraries anew are seconds.
    """
    asked = any(is_cost(gate.metric) for gate in config.gates.of(state.model))
    if not asked:
        return evaluation
    holder = state.holder("champion")
    champion = bundle(world, state, holder) if holder else None
    known = None
    if champion is not None:
        try:
            known = cost_of(champion, rows.judged)
        except ArtifactError as error:
            world.say(f"the champion's footprint is not known: {error.what}")
    locks = [_lock(folder) for folder in (ours, champion) if folder is not None]
    found = Footprint(
        figures=figures(_numbers(cost_of(ours, rows.judged)), _numbers(known) if known else None),
        method=METHOD,
        added=added(*locks) if len(locks) > 1 else (),
    )
    return msgspec.structs.replace(evaluation, footprint=found)


def probes(config: Config, model: str, rows: Rows | Split) -> Probes:
    """Leaks among the columns that the model may read, in rows that keep their contract."""
    it, dataset = config.model(model), config.dataset_of(model)
    left_out = {*dataset.key, it.target, *it.exclude}
    suspect = Suspect(
        task=it.task,
        target=it.target,
        inputs=tuple(name for name in dataset.contract.columns if name not in left_out),
        key=dataset.key,
        time=dataset.time,
        seed=it.seed,
    )
    return probe(suspect, rows.train, rows.holdout)


def _importance(
    config: Config, model: str, trained: Trained, before: Importance | None
) -> Importance | None:
    """None for a command: each shuffle would start a process."""
    predict, rows = trained.made.predict, trained.rows
    if predict is None:
        return None
    return importance(
        plan(config, model, rows, 0.0).scored,
        predict,
        rows.judged[list(trained.inputs)],
        rows.judged[config.model(model).target].to_numpy(dtype=np.float64),
        before=before,
        limits=QUICK if rows.sampled else None,
    )


def _explanation(config: Config, model: str, trained: Trained) -> Explanation | None:
    """Of a model of all rows: what a registration has time for, and a review has not."""
    predict, rows = trained.made.predict, trained.rows
    if predict is None or rows.sampled:
        return None
    inputs = list(trained.inputs)
    planned = plan(config, model, rows, 0.0)
    return explain(planned, predict, rows.judged[inputs], rows.pool[inputs])


def _discovery(
    config: Config, model: str, trained: Trained, champion: NDArray[np.float64] | None
) -> Discovery:
    """Among the inputs, and the slices that have names already; no value of a personal column."""
    rows, dataset = trained.rows, config.dataset_of(model)
    columns = dataset.contract.columns
    shown = [name for name in trained.inputs if not columns[name].personal]
    named = {name: it for name, it in rows.yardsticks.slices.items() if name not in trained.inputs}
    target = config.model(model).target
    constant = constant_baseline(rows.pool[target].to_numpy(dtype=np.float64), len(rows.judged))
    reference = (
        Reference(Against.BASELINE, BASELINE, constant)
        if champion is None
        else Reference(Against.CHAMPION, "the champion", champion)
    )
    return discover(
        plan(config, model, rows, 0.0),
        rows.judged[shown].assign(**named),
        rows.judged[target].to_numpy(dtype=np.float64),
        (trained.predictions, reference),
        groups=groups(rows.judged, dataset),
        costs=rows.yardsticks.costs,
    )


def _numbers(cost: Cost) -> dict[str, float | None]:
    return {name: getattr(cost, name) for name in cost.__struct_fields__}


def _lock(folder: Path) -> str:
    file = folder / LOCKFILE
    return file.read_text(encoding="utf-8") if file.is_file() else ""
