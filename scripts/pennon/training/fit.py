"""Run a recipe by the engine that its model names, and say how long it took and with what."""

from __future__ import annotations

import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pennon.config import Task
from pennon.errors import EvaluationError, TrainingError
from pennon.training import command, estimator
from pennon.training.recipe import Made, Recipe

if TYPE_CHECKING:
    import pandas as pd

LIBRARIES = ("scikit-learn", "numpy", "pandas", "scipy", "skops")
_CLASSES = 2


class Fitted(msgspec.Struct, frozen=True):
    """A trained model, the seconds that it took and the libraries that were there."""

    made: Made
    seconds: float
    libraries: dict[str, str]


def fit(recipe: Recipe, train: pd.DataFrame, holdout: pd.DataFrame, scratch: Path) -> Fitted:
    """Train on `train` and predict `holdout`, which goes in without its target.

    `scratch` is an empty folder that lives until the model was saved.

    Raises TrainingError (with the end of the log where the repository's code raised) and
    EvaluationError for predictions that mean nothing.
    """
    _check_target(recipe, train)
    start = time.perf_counter()
    if recipe.model.command:
        made = command.train(recipe, train, holdout, scratch)
    else:
        made = estimator.train(recipe, train, holdout)
    return Fitted(made, time.perf_counter() - start, libraries())


def _check_target(recipe: Recipe, train: pd.DataFrame) -> None:
    target = recipe.model.target
    if target not in train.columns:
        raise TrainingError(
            f"the target {target!r} of {recipe.name} is not a column of {recipe.dataset.source}",
            hint="correct `target` in pennon.yaml",
        )
    if train[target].isna().any():
        raise TrainingError(f"the target {target!r} has empty values in the training rows")
    classes = train[target].nunique()
    if recipe.model.task is Task.CLASSIFICATION and classes != _CLASSES:
        raise EvaluationError(
            f"the training rows have {classes} classes of {target!r}, two are needed",
            hint="more rows, or another target",
        )


def libraries() -> dict[str, str]:
    """The versions that this training ran with."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
