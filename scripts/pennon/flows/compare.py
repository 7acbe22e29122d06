"""Measure a candidate on the sealed rows, beside the champion and a constant baseline."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pennon.artifacts.score import Apart, scoring
from pennon.config import Against, Config
from pennon.datasets.groups import groups
from pennon.datasets.holdout import rule
from pennon.evaluation import QUALITIES, Comparison, Evaluation, Scores
from pennon.evaluation.compare import constant_baseline, evaluate
from pennon.evaluation.fairness import fairness
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import BASELINE
from pennon.flows.bundle import bundle
from pennon.flows.candidate import read as read_candidate
from pennon.flows.exhibits import exhibits, keep
from pennon.flows.looks import looks
from pennon.flows.rows import FULL, Rows, prepare
from pennon.flows.world import World
from pennon.registry import Measured, ModelState, Version
from pennon.training.again import again

if TYPE_CHECKING:
    from numpy.typing import NDArray


def measure(
    config: Config,
    model: str,
    rows: Rows,
    *,
    candidate: NDArray[np.float64],
    champion: tuple[str, NDArray[np.float64]] | None,
    looks: float = 0.0,
) -> Evaluation:
    """Predictions (n,) of the candidate, and of the champion with its name, for `rows.judged`.

    `looks` at these rows, this one included; 0 where they are not the sealed ones.
    """
    it = config.model(model)
    judged = rows.judged
    truth = judged[it.target].to_numpy(dtype=np.float64)
    pool = rows.pool[it.target].to_numpy(dtype=np.float64)
    references = {Against.CHAMPION: champion} if champion else {}
    references[Against.BASELINE] = (BASELINE, constant_baseline(pool, truth.size))
    planned = plan(config, model, rows, looks)
    found = evaluate(
        planned,
        truth,
        candidate,
        references=references,
        slices={name: judged[name].to_numpy() for name in it.slices},
        groups=groups(judged, config.dataset_of(model)),
    )
    if not it.sensitive:
        return found
    alike = fairness(planned, truth, candidate, {name: judged[name] for name in it.sensitive})
    return msgspec.structs.replace(found, fairness=alike)


def plan(config: Config, model: str, rows: Rows, looks: float) -> Plan:
    """How this repository wants its models compared: pennon.yaml and gates.yaml."""
    it = config.model(model)
    gates = [gate for gate in config.gates.of(model) if gate.metric not in QUALITIES]
    return Plan(
        model=model,
        task=it.task,
        metric=it.metric,
        metrics=(*it.metrics, *(gate.metric for gate in gates)),
        slice_metrics=tuple(gate.metric for gate in gates if gate.slice),
        threshold=it.threshold,
        holdout=rows.holdout_digest if rows.sealed else "",
        looks=looks if rows.sealed else 0.0,
        confidence=config.gates.confidence,
        resamples=config.gates.resamples,
        seed=it.seed,
    )


def champion_scoring(
    world: World, state: ModelState, rows: Rows, process: ProcessPoolExecutor | None = None
) -> tuple[str, Apart] | None:
    """Start to score the champion, with its own code, in a process of its own.

    Beside a candidate of a sample its recipe is trained again, on the same sample: a model that was
    trained on more rows is better for that reason alone.
    """
    version = state.holder("champion")
    if version is None:
        return None
    folder = bundle(world, state, version)
    if rows.sealed:
        return str(version), scoring(folder, rows.judged, process)
    return str(version), again(folder, rows.train, rows.judged, process)


def compare_candidate(world: World, state: ModelState) -> Evaluation:
    """The newest run of a model beside the champion."""
    config = world.config()
    found = read_candidate(world, state.model)
    rows = prepare(world, config, state.model, FULL)
    theirs = champion_scoring(world, state, rows)
    ours = scoring(found.folder, rows.judged)
    champion = (theirs[0], theirs[1].result()) if theirs else None
    predicted, other = ours.result(), champion[1] if champion else None
    shown = exhibits(config, state.model, rows, candidate=predicted, champion=other)
    keep(found.folder, shown)
    return measure(
        config,
        state.model,
        rows,
        candidate=predicted,
        champion=champion,
        looks=looks_at(config, state, rows) + 1,
    )


def looks_at(config: Config, state: ModelState, rows: Rows) -> float:
    """Looks at the sealed rows so far."""
    return looks(state, rule(config.dataset_of(state.model)), len(rows.holdout))


def compare_versions(
    world: World, state: ModelState, version: Version, champion: Version
) -> Evaluation:
    """Two registered versions on the holdout of today."""
    config = world.config()
    rows = prepare(world, config, state.model, FULL)
    theirs = scoring(bundle(world, state, champion), rows.judged)
    ours = scoring(bundle(world, state, version), rows.judged)
    return measure(
        config,
        state.model,
        rows,
        candidate=ours.result(),
        champion=(str(champion), theirs.result()),
        looks=looks_at(config, state, rows),
    )


def measured(evaluation: Evaluation) -> dict[str, Measured]:
    """The candidate's own metrics with their intervals, as a manifest keeps them."""
    first: Comparison = evaluation.comparisons[0]
    return {scores.metric: _measured(scores) for scores in first.scores}


def _measured(scores: Scores) -> Measured:
    return Measured(value=scores.candidate, low=scores.candidate_low, high=scores.candidate_high)
