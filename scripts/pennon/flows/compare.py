"""Measure a candidate on the sealed rows, beside the champion and a constant baseline."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from pennon.artifacts.score import Scoring
from pennon.config import Against, Config
from pennon.evaluation import Comparison, Evaluation, Scores
from pennon.evaluation.compare import BASELINE, constant_baseline, evaluate
from pennon.evaluation.plan import Plan
from pennon.flows.bundle import bundle
from pennon.flows.candidate import read as read_candidate
from pennon.flows.rows import FULL, Rows, prepare
from pennon.flows.world import World
from pennon.registry import Measured, ModelState, Version

if TYPE_CHECKING:
    from numpy.typing import NDArray


def measure(
    config: Config,
    model: str,
    rows: Rows,
    *,
    candidate: NDArray[np.float64],
    champion: tuple[str, NDArray[np.float64]] | None,
) -> Evaluation:
    """Predictions (n,) of the candidate, and of the champion with its name, on the holdout."""
    it = config.model(model)
    truth = rows.holdout[it.target].to_numpy(dtype=np.float64)
    pool = rows.pool[it.target].to_numpy(dtype=np.float64)
    references = {Against.CHAMPION: champion} if champion else {}
    references[Against.BASELINE] = (BASELINE, constant_baseline(pool, truth.size))
    return evaluate(
        plan(config, model, rows),
        truth,
        candidate,
        references=references,
        slices={name: rows.holdout[name].to_numpy() for name in it.slices},
    )


def plan(config: Config, model: str, rows: Rows) -> Plan:
    """How this repository wants its models compared: pennon.yaml and gates.yaml."""
    it = config.model(model)
    gates = config.gates.of(model)
    return Plan(
        model=model,
        task=it.task,
        metric=it.metric,
        metrics=(*it.metrics, *(gate.metric for gate in gates)),
        slice_metrics=tuple(gate.metric for gate in gates if gate.slice),
        threshold=it.threshold,
        holdout=rows.holdout_digest,
        confidence=config.gates.confidence,
        resamples=config.gates.resamples,
        seed=it.seed,
    )


def champion_scoring(
    world: World, state: ModelState, rows: Rows, process: ProcessPoolExecutor | None = None
) -> tuple[str, Scoring] | None:
    """Start to score the champion, with its own code, in a process of its own."""
    version = state.holder("champion")
    if version is None:
        return None
    return str(version), Scoring(bundle(world, state, version), rows.holdout, process)


def compare_candidate(world: World, state: ModelState) -> Evaluation:
    """The newest run of a model beside the champion."""
    config = world.config()
    found = read_candidate(world, state.model)
    rows = prepare(world, config, state.model, FULL)
    theirs = champion_scoring(world, state, rows)
    ours = Scoring(found.folder, rows.holdout)
    champion = (theirs[0], theirs[1].result()) if theirs else None
    return measure(config, state.model, rows, candidate=ours.result(), champion=champion)


def compare_versions(
    world: World, state: ModelState, version: Version, champion: Version
) -> Evaluation:
    """Two registered versions on the holdout of today."""
    config = world.config()
    rows = prepare(world, config, state.model, FULL)
    theirs = Scoring(bundle(world, state, champion), rows.holdout)
    ours = Scoring(bundle(world, state, version), rows.holdout)
    found = (str(champion), theirs.result())
    return measure(config, state.model, rows, candidate=ours.result(), champion=found)


def measured(evaluation: Evaluation) -> dict[str, Measured]:
    """The candidate's own metrics with their intervals, as a manifest keeps them."""
    first: Comparison = evaluation.comparisons[0]
    return {scores.metric: _measured(scores) for scores in first.scores}


def _measured(scores: Scores) -> Measured:
    return Measured(value=scores.candidate, low=scores.candidate_low, high=scores.candidate_high)
