"""The engine of a version: a compiled form of its model where that is the same and faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts import digest as file_digest
from pennon.artifacts.bundle import Bundle
from pennon.artifacts.engines import COMPILED, EngineKind, EngineMissingError
from pennon.artifacts.engines.convert import NotCompiledError, convert
from pennon.artifacts.engines.prove import Limits, Proof, prove, rowwise
from pennon.config import Config, EngineChoice, EngineRule, Model, Task
from pennon.errors import RefusedError
from pennon.flows.judgement.rows import Rows
from pennon.flows.versions.candidate import Candidate, update
from pennon.flows.world import World
from pennon.registry import Engine

if TYPE_CHECKING:
    import pandas as pd

TOGETHER, OF_A_COMMAND = 64, 4
"""Rows that are asked alone and together; few of a command: each answer starts a process."""


def with_engine(world: World, config: Config, candidate: Candidate, rows: Rows) -> Candidate:
    """The candidate with its engine: the compiled file beside the artifact, the proof in the facts.

    Raises RefusedError where pennon.yaml demands a compiled form and there is none that is equal.
    """
    name = candidate.manifest.model
    model = config.model(name)
    (candidate.folder / COMPILED).unlink(missing_ok=True)
    bare = msgspec.structs.replace(candidate.manifest, engine=Engine(), files={})
    bundle = Bundle(update(candidate, bare).folder, compiled=False)
    raw = rows.judged[[column.name for column in bundle.inputs]]
    limits = _limits(model, rows)
    if model.command:
        engine = Engine(kind=EngineKind.COMMAND)
    else:
        with world.runner.group(f"engine of {name}"):
            engine = _chosen(model.engine, bundle, raw, limits)
    files = {engine.file: file_digest(candidate.folder / engine.file)} if engine.file else {}
    made = update(candidate, msgspec.structs.replace(bare, engine=engine, files=files))
    some = raw.head(OF_A_COMMAND if model.command else TOGETHER)
    bundles = [bundle, Bundle(made.folder)] if engine.file else [bundle]
    alike = all(rowwise(it.predict, some, limits) for it in bundles)
    engine = msgspec.structs.replace(engine, rowwise=alike)
    world.say(f"engine of {name}: {engine.kind}" + (f" ({engine.why})" if engine.why else ""))
    return update(made, msgspec.structs.replace(made.manifest, engine=engine))


def _limits(model: Model, rows: Rows) -> Limits:
    rule = model.engine
    if model.task is Task.CLASSIFICATION:
        threshold = model.threshold
        return Limits(difference=rule.difference, flips=rule.flips, threshold=threshold)
    spread = float(rows.judged[model.target].astype("float64").std())
    return Limits(difference=rule.difference, flips=0, scale=spread if spread > 0 else 1.0)


def _chosen(rule: EngineRule, bundle: Bundle, raw: pd.DataFrame, limits: Limits) -> Engine:
    """Raises RefusedError."""
    if rule.kind is EngineChoice.SKLEARN:
        return Engine(why="pennon.yaml asks for scikit-learn itself")
    try:
        features = bundle.features(raw)
        proof = prove(convert(bundle.estimator, features), bundle.exact, features, limits)
    except (NotCompiledError, EngineMissingError) as error:
        return _without(rule, str(error))
    if not proof.gap.within(limits):
        return _without(rule, f"it differs by {_said(proof)}", proof)
    if rule.kind is EngineChoice.AUTO and proof.seconds >= proof.exact_seconds:
        return _without(rule, "it is not faster for one row", proof)
    (bundle.folder / COMPILED).write_bytes(proof.content)
    return _recorded(proof, kind=EngineKind.ONNX, file=COMPILED)


def _without(rule: EngineRule, why: str, proof: Proof | None = None) -> Engine:
    """scikit-learn itself, unless somebody demanded otherwise."""
    if rule.kind is EngineChoice.ONNX:
        raise RefusedError(
            f"the model has no compiled form: {why}",
            hint="correct it, or write `engine: {kind: auto}` for the model in pennon.yaml",
        )
    told = f"not compiled: {why}"
    return Engine(why=told) if proof is None else _recorded(proof, why=told)


def _recorded(proof: Proof, **changes: str) -> Engine:
    found = Engine(
        difference=proof.gap.difference,
        flips=proof.gap.flips,
        rows=proof.gap.rows,
        seconds=proof.seconds,
        exact_seconds=proof.exact_seconds,
    )
    return msgspec.structs.replace(found, **changes)


def _said(proof: Proof) -> str:
    return f"up to {proof.gap.difference:.2g} and flips {proof.gap.flips} of {proof.gap.rows} rows"
