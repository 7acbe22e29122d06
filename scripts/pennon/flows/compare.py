"""Measure a candidate on the sealed rows, beside the champion and a constant baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pennon.artifacts.score import scoring
from pennon.config import Against, Config
from pennon.datasets.groups import groups
from pennon.datasets.holdout import rule
from pennon.evaluation import QUALITIES, Comparison, Evaluation, Scores
from pennon.evaluation.compare import Reference, constant_baseline, evaluate
from pennon.evaluation.fairness import fairness
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import BASELINE
from pennon.flows.judgement.exhibits import exhibits, keep
from pennon.flows.judgement.looks import looks
from pennon.flows.judgement.rivals import Rivals, champion_scoring, named_scoring, results
from pennon.flows.judgement.rows import FULL, Rows, prepare
from pennon.flows.versions.bundle import exact_bundle
from pennon.flows.versions.candidate import read as read_candidate
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
    rivals: Rivals,
    looks: float = 0.0,
) -> Evaluation:
    """Predictions (n,) of the candidate, and of its rivals, for `rows.judged`.

    `looks` at these rows, this one included; 0 where they are not the sealed ones.
    """
    it = config.model(model)
    judged = rows.judged
    truth = judged[it.target].to_numpy(dtype=np.float64)
    pool = rows.pool[it.target].to_numpy(dtype=np.float64)
    constant = constant_baseline(pool, truth.size)
    references = [
        *([Reference(Against.CHAMPION, *rivals.champion)] if rivals.champion else []),
        Reference(Against.BASELINE, BASELINE, constant),
        *(Reference(Against.VERSION, name, values) for name, values in rivals.named.items()),
    ]
    planned = plan(config, model, rows, looks)
    found = evaluate(
        planned,
        truth,
        candidate,
        references=references,
        slices=rows.yardsticks.slices,
        costs=rows.yardsticks.costs,
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


def compare_candidate(world: World, state: ModelState) -> Evaluation:
    """The newest run of a model beside the champion."""
    config = world.config()
    found = read_candidate(world, state.model)
    rows = prepare(world, config, state.model, FULL)
    theirs = champion_scoring(world, state, rows), named_scoring(world, config, state, rows)
    ours = scoring(found.folder, rows.judged)
    rivals, predicted = results(*theirs), ours.result()
    other = rivals.champion[1] if rivals.champion else None
    shown = exhibits(config, state.model, rows, candidate=predicted, champion=other)
    keep(found.folder, shown)
    return measure(
        config,
        state.model,
        rows,
        candidate=predicted,
        rivals=rivals,
        looks=looks_at(config, state, rows) + 1,
    )


def looks_at(config: Config, state: ModelState, rows: Rows) -> float:
    """Looks at the sealed rows so far."""
    return looks(state, rule(config.dataset_of(state.model)), len(rows.holdout))


def compare_versions(
    world: World,
    config: Config,
    state: ModelState,
    *,
    version: Version,
    champion: Version | None,
) -> Evaluation:
    """A registered version beside another, and those that gates name, on the holdout of today."""
    rows = prepare(world, config, state.model, FULL)
    theirs = scoring(exact_bundle(world, state, champion), rows.judged) if champion else None
    named = named_scoring(world, config, state, rows)
    ours = scoring(exact_bundle(world, state, version), rows.judged)
    return measure(
        config,
        state.model,
        rows,
        candidate=ours.result(),
        rivals=results((str(champion), theirs) if theirs else None, named),
        looks=looks_at(config, state, rows),
    )


def measured(evaluation: Evaluation) -> dict[str, Measured]:
    """The candidate's own metrics with their intervals, as a manifest keeps them."""
    first: Comparison = evaluation.comparisons[0]
    return {scores.metric: _measured(scores) for scores in first.scores}


def _measured(scores: Scores) -> Measured:
    return Measured(value=scores.candidate, low=scores.candidate_low, high=scores.candidate_high)
