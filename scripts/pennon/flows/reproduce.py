"""Make a version again by its own recipe, and see whether it answers as the registered one does."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts import digest as file_digest
from pennon.artifacts.score import scoring
from pennon.config import Config, Dataset, Task, dataset_file
from pennon.datasets import content_digest, read, sample, split
from pennon.errors import DataError
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.changes import LOCKFILE
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Manifest, Reference, resolve
from pennon.training.again import again
from pennon.training.fit import libraries

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class Ingredient(msgspec.Struct, frozen=True):
    """What the version was made with beside what it was made with again; empty: there is none."""

    name: str
    recorded: str
    here: str
    same: bool


class Reproduced(msgspec.Struct, frozen=True, kw_only=True):
    """`largest` and `mean` are absolute differences of predictions for the sealed rows.

    `flipped` counts the rows that change sides at the threshold; none of a regression. `source`
    says where the training data was: this work tree, or a commit.
    """

    model: str
    version: str
    commit: str
    reproduced: bool
    verdict: str
    rows: int
    train_rows: int
    largest: float
    mean: float
    flipped: int | None
    tolerance: float
    source: str
    ingredients: tuple[Ingredient, ...]


def reproduce(world: World, wanted: Reference, *, tolerance: float = 1e-9) -> Reproduced:
    """Train the version again on its own rows, by its code, with the libraries that are here.

    Raises RegistryError for an unknown version, DataError where its data is nowhere to be found,
    and ArtifactError for an artifact that is not the recorded one or cannot be made here.
    """
    state, version = resolve(world.repo, wanted)
    lineage = manifest(state, version)
    config = world.config_at(lineage.commit)
    folder = bundle(world, state, version)
    with _data(world, lineage, config) as (root, source):
        train, sealed = _rows(root, config.dataset_of(lineage.model), lineage)
    world.say(f"training {lineage.model}@{version} again on {len(train)} rows")
    theirs = scoring(folder, sealed)
    ours = again(folder, lineage.model, train, sealed)
    differences = _differences(theirs.result(), ours.result(), _threshold(config, lineage))
    largest, mean, flipped = differences
    parts = tuple(_ingredients(world, lineage))
    return Reproduced(
        model=lineage.model,
        version=str(version),
        commit=lineage.commit,
        reproduced=largest <= tolerance,
        verdict=_verdict(differences, len(sealed), tolerance, parts),
        rows=len(sealed),
        train_rows=len(train),
        largest=largest,
        mean=mean,
        flipped=flipped,
        tolerance=tolerance,
        source=source,
        ingredients=parts,
    )


@contextmanager
def _data(world: World, lineage: Manifest, config: Config) -> Iterator[tuple[Path, str]]:
    """A folder with the very bytes that the version was trained on, and what to call it."""
    dataset, (ref,) = config.dataset_of(lineage.model), lineage.data
    world.workshop.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="reproduce-", dir=world.workshop) as scratch:
        commit = f"commit {lineage.commit[:7]}"
        here = _content(world.root, dataset)
        if here == ref.content:
            yield world.root, "this work tree"
            return
        world.repo.extract(lineage.commit, (dataset.source,), Path(scratch))
        if _content(Path(scratch), dataset) != ref.content:
            raise DataError(
                f"{lineage.model} was trained on {ref.rows} rows of {ref.name}, content "
                f"{ref.content}, which neither this work tree ({dataset.source}: "
                f"{here or 'cannot be read'}) nor {commit} has",
                hint=f"pennon checkout that version, bring {dataset.source} there as "
                f"{dataset_file(ref.name)} locks it (dvc pull, or from where it came), and run "
                "pennon reproduce in that folder",
            )
        yield Path(scratch), commit


def _content(root: Path, dataset: Dataset) -> str:
    """Empty where the source, or what it points to, is not there."""
    try:
        return content_digest(root, dataset)
    except DataError:
        return ""


def _rows(root: Path, dataset: Dataset, lineage: Manifest) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that the version was trained on, and the sealed ones."""
    parts = split(read(root, dataset), dataset)
    train = sample(parts.train, dataset) if lineage.sample else parts.train
    if (parts.digest, len(train)) != (lineage.holdout, lineage.train_rows):
        raise DataError(
            f"the data is that of the version, but it falls apart otherwise: {len(train)} rows to "
            f"train on and {len(parts.holdout)} sealed ones, recorded are {lineage.train_rows} and "
            f"{lineage.holdout_rows}",
            hint=f"the version was made by pennon {lineage.pennon}: install that one",
        )
    return train, parts.holdout


def _threshold(config: Config, lineage: Manifest) -> float | None:
    it = config.model(lineage.model)
    return it.threshold if it.task is Task.CLASSIFICATION else None


Differences = tuple[float, float, int | None]
"""Largest and mean absolute one, and flipped rows."""


def _differences(
    theirs: NDArray[np.float64], ours: NDArray[np.float64], threshold: float | None
) -> Differences:
    """Of two predictions (n,) for the same rows."""
    apart = abs(theirs - ours)
    flipped = None
    if threshold is not None:
        flipped = int(((theirs >= threshold) != (ours >= threshold)).sum())
    return float(apart.max()), float(apart.mean()), flipped


def _ingredients(world: World, lineage: Manifest) -> Iterator[Ingredient]:
    file = world.root / LOCKFILE
    here = libraries()
    pairs = {
        LOCKFILE: (lineage.environment, file_digest(file) if file.is_file() else ""),
        "Python": (lineage.python, platform.python_version()),
        **{
            name: (lineage.libraries.get(name, ""), here.get(name, ""))
            for name in dict.fromkeys((*lineage.libraries, *here))
        },
    }
    for name, (recorded, found) in pairs.items():
        yield Ingredient(name, recorded, found, recorded == found)


def _verdict(
    differences: Differences, rows: int, tolerance: float, parts: tuple[Ingredient, ...]
) -> str:
    largest, mean, flipped = differences
    if largest <= tolerance:
        same = "exactly the same" if largest == 0 else f"the same up to {largest:.1g}"
        return f"reproduced: predictions are {same}"
    sides = "" if flipped is None else f", and {flipped} of {rows} rows change sides"
    other = ", ".join(it.name for it in parts if not it.same)
    why = (
        f"made with another {other}"
        if other
        else "all that is recorded of its making is the same: does its training have a seed?"
    )
    return (
        f"not reproduced: predictions differ by up to {largest:.3g} ({mean:.3g} on average)"
        f"{sides}; {why}"
    )
