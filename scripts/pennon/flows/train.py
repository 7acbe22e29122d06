"""Train a candidate: rows, recipe, artifact and lineage in one folder, registered by nobody yet."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from pennon import __version__
from pennon.artifacts import digest as file_digest
from pennon.config import PARAMS, PROJECT, Config, Kind, Task, dataset_file
from pennon.datasets.holdout import rule
from pennon.datasets.typical import background, typical
from pennon.flows.judgement.rows import Rows, prepare
from pennon.flows.versions.base_model import bring, started_from
from pennon.flows.versions.candidate import Candidate, new_folder, write
from pennon.flows.versions.changes import LOCKFILE, digest, recipe
from pennon.flows.versions.release import BACKGROUND, EXAMPLE
from pennon.flows.world import World
from pennon.registry import DatasetRef, Field, Manifest, RunInfo, RunKind, Signature
from pennon.training.fit import Fitted, fit
from pennon.training.recipe import Made, Recipe, recipe_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Trained(msgspec.Struct, frozen=True):
    """A candidate with what a comparison needs: rows, and predictions for those that judge."""

    candidate: Candidate
    rows: Rows
    made: Made
    inputs: tuple[str, ...]

    @property
    def predictions(self) -> NDArray[np.float64]:
        return self.made.predictions


def train(world: World, model: str, *, data: str, kind: RunKind) -> Trained:
    """Train `model` as the work tree has it. Raises DataError, TrainingError, EvaluationError."""
    config = world.config()
    with world.runner.group(f"train {model}"):
        rows = prepare(world, config, model, data)
        return train_on(world, config, model, rows, kind=kind)


def train_on(
    world: World, config: Config, model: str, rows: Rows, *, kind: RunKind, keep: bool = True
) -> Trained:
    """The same on rows that were prepared before. Without `keep` the artifact is not written:

    a review registers nothing, and what a merge registers is trained again on all rows.
    """
    made_of = recipe_of(config, model, world.root)
    bring(world, config, model, world.root)
    world.say(f"training {model} on {len(rows.train)} of {len(rows.pool)} rows")
    folder = new_folder(world, model)
    with TemporaryDirectory(prefix=".train-", dir=folder) as scratch:
        fitted = fit(made_of, rows.train, rows.judged, Path(scratch))
        if keep:
            fitted.made.save(folder / fitted.made.file)
            _copy_code(world, config, folder)
    shown = (rows.pool, made_of.dataset, made_of.inputs)
    specimens = {EXAMPLE: typical(*shown), BACKGROUND: background(*shown)}
    manifest = _manifest(world, config, made_of, (rows, fitted, kind, folder))
    return Trained(write(folder, manifest, specimens), rows, fitted.made, tuple(made_of.inputs))


def _manifest(
    world: World,
    config: Config,
    made_of: Recipe,
    run: tuple[Rows, Fitted, RunKind, Path],
) -> Manifest:
    rows, fitted, kind, folder = run
    commit = world.repo.head()
    lock = rows.lock
    artifact = folder / fitted.made.file
    kept = artifact.is_file()
    return Manifest(
        model=made_of.name,
        task=str(made_of.model.task),
        commit=commit,
        artifact=file_digest(artifact) if kept else "",
        size=artifact.stat().st_size if kept else 0,
        recipe=recipe(world.repo, commit, config, made_of.name).digest,
        data=(
            DatasetRef(name=rows.name, content=lock.content, schema=lock.schema, rows=lock.rows),
        ),
        holdout=rows.holdout_digest,
        holdout_rows=len(rows.holdout),
        holdout_rule=rule(made_of.dataset),
        train_rows=len(rows.train),
        sample=rows.sampled,
        params=made_of.params,
        params_digest=digest(made_of.params),
        environment=_lock_digest(world),
        python=platform.python_version(),
        libraries=fitted.libraries,
        signature=_signature(made_of),
        metrics={},
        files={},
        run=_run(world, kind, fitted.seconds),
        pennon=__version__,
        seed=made_of.model.seed,
        file=fitted.made.file,
        base_model=started_from(made_of.model),
    )


def _run(world: World, kind: RunKind, seconds: float) -> RunInfo:
    pull = world.runner.event.pull
    return RunInfo(
        kind=kind,
        actor=world.actor,
        at=world.timestamp(),
        url=world.runner.run_url,
        branch=world.repo.branch() or "",
        pull=pull.number if pull else None,
        seconds=round(seconds, 3),
    )


def _signature(made_of: Recipe) -> Signature:
    columns = made_of.dataset.contract.columns
    output = "probability" if made_of.model.task is Task.CLASSIFICATION else made_of.model.target
    return Signature(
        inputs=tuple(
            Field(name=name, type=str(columns[name].type), optional=columns[name].missing > 0)
            for name in made_of.inputs
        ),
        outputs=(Field(name=output, type=str(Kind.NUMBER)),),
    )


def _copy_code(world: World, config: Config, folder: Path) -> None:
    """What makes the folder a bundle: it can score by itself."""
    source = config.project.source
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(world.root / source, folder / source, ignore=skip)
    (folder / "data").mkdir(exist_ok=True)
    for name in (PROJECT, PARAMS, LOCKFILE, *map(dataset_file, config.datasets)):
        if (world.root / name).is_file():
            shutil.copy(world.root / name, folder / name)


def _lock_digest(world: World) -> str:
    file = world.root / LOCKFILE
    return file_digest(file) if file.is_file() else ""
