"""Score the rows of files by a registered version, also where an earlier run was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from pennon import __version__
from pennon.config import PROJECT, Config, Kind
from pennon.errors import ConfigError, MissingExtraError
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Manifest, Version
from pennon.registry.reference import meant
from pennon.serving.batch.engine import Engine, Local, processors
from pennon.serving.batch.files import Pair, pairs
from pennon.serving.batch.plan import Form, Want
from pennon.serving.batch.prepare import Model, Settings
from pennon.serving.batch.record import Record
from pennon.serving.batch.run import Progress, Run, Watch

CHUNK, MOST_WORKERS = 50_000, 4
"""Rows at a time, and processes, where nobody says how many (tests/benchmarks/bench_score.py)."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What to score. `model` may be empty where there is one; of `workers` 0 means the usual.

    With a `scheduler` the workers are those of its Dask cluster.
    """

    model: str
    input: Path
    output: Path
    form: Form | None = None
    keep: tuple[str, ...] = ()
    skip: bool = False
    overwrite: bool = False
    chunk: int = CHUNK
    workers: int = 0
    scheduler: str = ""


def score(
    world: World, ask: Ask, told: Callable[[Progress], None] = lambda _: None
) -> tuple[Record, ...]:
    """A record for each file. Raises RegistryError, DataError, BatchError, ArtifactError.

    Every file is whole or not there at all; what a run that was interrupted has scored, counts.
    """
    files = pairs(ask.input, ask.output, ask.form)
    asked = world.reference(ask.model or _only(world.config()))
    state = world.state(asked.model)
    version = meant(state, asked)
    lineage = manifest(state, version)
    settings = Settings(
        keep=ask.keep,
        chunk=ask.chunk,
        skip=ask.skip,
        overwrite=ask.overwrite,
        pennon=__version__,
    )
    watch = Watch(world.timestamp, world.say, told, world.runner.actor, world.runner.run_url)
    run = Run(_model(world.config_at(lineage.commit), lineage, version), settings, watch)
    world.say(f"{lineage.model}@{version} scores {_many(files)}")
    with _engine(bundle(world, state, version), ask) as engine:
        if ask.overwrite or not all(pair.output.exists() for pair in files):
            engine.warm()
        records = tuple(run.score(engine, pair) for pair in files)
    world.runner.summary(_summary(records))
    return records


def _only(config: Config) -> str:
    names = list(config.project.models)
    if len(names) > 1:
        hint = f"pennon score {names[0]} …"
        raise ConfigError(f"{PROJECT} has several models: {', '.join(names)}", hint=hint)
    return names[0]


def _model(config: Config, lineage: Manifest, version: Version) -> Model:
    """By the contract of the version's own commit."""
    dataset = config.dataset_of(lineage.model)
    columns = dataset.contract.columns
    wants = [
        Want(
            name=it.name,
            kind=Kind(it.type),
            optional=it.optional,
            among=columns[it.name].among if it.name in columns else None,
            personal=it.name in columns and columns[it.name].personal,
        )
        for it in lineage.signature.inputs
    ]
    return Model(
        name=lineage.model,
        version=str(version),
        commit=lineage.commit,
        artifact=lineage.artifact,
        wants=tuple(wants),
        key=dataset.key,
    )


def _engine(folder: Path, ask: Ask) -> Engine:
    if not ask.scheduler:
        return Local(folder, ask.workers or min(MOST_WORKERS, processors()))
    try:
        from pennon.serving.batch.cluster import Cluster  # noqa: PLC0415  Dask
    except ModuleNotFoundError as error:
        hint = "add pennon[dask], or distributed, to the environment"
        raise MissingExtraError(f"a Dask cluster needs {error.name}", hint=hint) from None
    return Cluster(folder, ask.scheduler)


def _many(files: list[Pair]) -> str:
    return files[0].name if len(files) == 1 else f"{len(files)} files"


def _summary(records: tuple[Record, ...]) -> str:
    lines = [
        f"| `{it.output}` | {it.job.model}@{it.job.version} | {it.scored:,} | {it.bad:,} |"
        for it in records
    ]
    head = ["| output | by | rows scored | bad rows |", "|---|---|--:|--:|"]
    return "\n".join([*head, *lines, ""])
