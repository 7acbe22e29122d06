"""Does each gate stop what it is there to stop? On this repository's rows, with planted defects."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from pennon.config import Against, Config, Gate
from pennon.evaluation import QUALITIES, Verdict, decide
from pennon.evaluation.compare import constant_baseline
from pennon.evaluation.defects import defect, draws, footprint, middling, sound
from pennon.evaluation.qualities import is_cost
from pennon.evaluation.records import BASELINE
from pennon.evaluation.words import rule_of
from pennon.flows.compare import measure
from pennon.flows.judgement.rivals import Rivals
from pennon.flows.judgement.rows import FULL, Rows, prepare
from pennon.flows.world import World

CHAMPION = "v1.0.0"
"""The name of a champion that is made up, beside candidates that are."""

Floats = NDArray[np.float64]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One gate and the defect that was planted for it; the gate's name is empty for none."""

    model: str
    gate: str
    rule: str
    defect: str
    held: bool  # the defect was stopped, or the sound candidate was let through
    said: str


def selftest(world: World, models: tuple[str, ...]) -> list[Tried]:
    """A defect for each gate of each model, and a sound candidate for all of them together.

    Raises DataError for rows that break their contract, ConfigError for gates that cannot be asked.
    """
    config = world.config()
    tried = []
    for model in models or tuple(config.project.models):
        config.model(model)
        tried += _model(config, model, prepare(world, config, model, FULL))
    return tried


class _Cast(NamedTuple):
    """Truth and predictions of the sealed rows."""

    truth: Floats
    champion: Floats
    better: Floats
    constant: Floats


def _model(config: Config, model: str, rows: Rows) -> list[Tried]:
    it = config.model(model)
    truth = rows.judged[it.target].to_numpy(dtype=np.float64)
    champion = middling(truth, it.task, it.seed)
    constant = constant_baseline(truth, truth.size)
    cast = _Cast(truth, champion, sound(truth, champion), constant)
    return [
        *(_stopped(config, model, rows, cast=cast, gate=gate) for gate in config.gates.of(model)),
        _let_through(config, model, rows, cast),
    ]


def _stopped(config: Config, model: str, rows: Rows, *, cast: _Cast, gate: Gate) -> Tried:
    where, name = _where(rows, gate)
    planted = defect(gate, cast.champion, cast.better, cast.constant, where)
    verdict = _judged(config, model, rows, ends=(planted, cast.champion), broken=gate)
    results = [it for it in verdict.results if it.id == gate.id]
    in_the_way = [it for it in results if it.blocks]
    said = ", ".join(f"{it.outcome}{f' on {it.slice}' if it.slice else ''}" for it in results)
    return Tried(
        model=model,
        gate=gate.id,
        rule=rule_of(gate, "champion"),
        defect=_named(gate, name),
        held=any(not it.slice or it.slice in {name, gate.slice} for it in in_the_way),
        said=said,
    )


def _let_through(config: Config, model: str, rows: Rows, cast: _Cast) -> Tried:
    verdict = _judged(config, model, rows, ends=(cast.better, cast.champion), broken=None)
    stopped = ", ".join(it.id for it in verdict.blocking)
    return Tried(
        model=model,
        gate="",
        rule="",
        defect="none: better everywhere",
        held=verdict.passed,
        said=f"stopped by {stopped}" if stopped else "let through",
    )


def _where(rows: Rows, gate: Gate) -> tuple[NDArray[np.bool_], str]:
    """The rows of the commonest slice, and what it is called; all rows for a gate on all."""
    if gate.slice is None:
        return np.ones(len(rows.judged), dtype=bool), ""
    known = rows.yardsticks.slices.get(gate.slice)
    values = rows.judged[gate.slice].to_numpy().astype(str) if known is None else known
    names, counts = np.unique(values, return_counts=True)
    commonest = names[counts.argmax()]
    return values == commonest, f"{gate.slice}={commonest}"


def _named(gate: Gate, name: str) -> str:
    if is_cost(gate.metric):
        return "a footprint on the wrong side of it"
    if gate.draws:
        return "a recipe that is " + ("no better" if gate.superior else "worse by twice as much")
    if gate.metric in QUALITIES:
        return f"the most of all answers where {name}, the least elsewhere"
    if gate.superior is not None:
        whom = {Against.CHAMPION: "the champion", Against.BASELINE: f"a {BASELINE}"}
        return f"no better than {whom.get(gate.against or Against.CHAMPION, gate.than)}"
    return f"predictions shuffled {f'where {name}' if name else 'everywhere'}"


def _judged(
    config: Config,
    model: str,
    rows: Rows,
    *,
    ends: tuple[Floats, Floats],
    broken: Gate | None,
) -> Verdict:
    """What the gates say of predictions, the candidate's and the champion's, and all around."""
    candidate, champion = ends
    gates = config.gates.of(model)
    named = dict.fromkeys(config.gates.versions(model), champion)
    rivals = Rivals(champion=(CHAMPION, champion), named=named)
    found = measure(config, model, rows, candidate=candidate, rivals=rivals)
    found = msgspec.structs.replace(
        found,
        footprint=footprint(gates, broken),
        draws=draws(gates, broken, config.model(model).metric, CHAMPION),
    )
    return decide(found, config.gates, CHAMPION)
