"""Run a recipe: features and estimator of the repository, or its own command."""

from __future__ import annotations

import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.predict import predict
from pennon.artifacts.source import UserCodeError, call, features
from pennon.config import Dataset, Model, Task
from pennon.errors import EvaluationError, TrainingError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

LIBRARIES = ("scikit-learn", "numpy", "pandas", "scipy", "skops")
_CLASSES = 2


class Recipe(msgspec.Struct, frozen=True):
    """What to train: a model of pennon.yaml, its dataset, its params, the folder of its code."""

    name: str
    model: Model
    dataset: Dataset
    params: dict[str, Any]
    source: Path


class Fitted(msgspec.Struct, frozen=True):
    """A trained model. `predictions` are for the holdout rows, in their order."""

    estimator: Any
    predictions: NDArray[np.float64]
    seconds: float
    libraries: dict[str, str]


def inputs(recipe: Recipe) -> list[str]:
    """The columns that a request brings: those of the contract but key, target and excluded."""
    left_out = {*recipe.dataset.key, recipe.model.target, *recipe.model.exclude}
    return [name for name in recipe.dataset.contract.columns if name not in left_out]


def fit(recipe: Recipe, train: pd.DataFrame, holdout: pd.DataFrame) -> Fitted:
    """Train on `train` and predict `holdout`, which goes in without its target.

    Raises TrainingError (with the end of the log where the repository's code raised) and
    EvaluationError for predictions that mean nothing.
    """
    _check_target(recipe, train)
    names = inputs(recipe)
    start = time.perf_counter()
    reference = recipe.model.features
    estimator = _estimator(recipe)
    made = features(reference, recipe.source, train[names])
    _fit(estimator, made, train[recipe.model.target].to_numpy())
    sealed = features(reference, recipe.source, holdout[names])
    predictions = predict(estimator, sealed, recipe.model.task)
    return Fitted(estimator, predictions, time.perf_counter() - start, libraries())


def _estimator(recipe: Recipe) -> Any:  # noqa: ANN401  any scikit-learn style estimator
    assert recipe.model.estimator is not None  # noqa: S101  config has one of estimator, command
    estimator = call(recipe.model.estimator, recipe.source, dict(recipe.params))
    if not hasattr(estimator, "fit") or not hasattr(estimator, "predict"):
        raise UserCodeError(
            f"{recipe.model.estimator} returned a {type(estimator).__name__}, not an estimator",
            hint="return an object with fit and predict",
        )
    _seed(estimator, recipe.model.seed)
    return estimator


def _seed(estimator: Any, seed: int) -> None:  # noqa: ANN401  as above
    """Give the seed to every `random_state` that nobody set, in pipelines too."""
    if not hasattr(estimator, "get_params"):
        return
    unset = {
        name: seed
        for name, value in estimator.get_params(deep=True).items()
        if name.rpartition("__")[2] == "random_state" and value is None
    }
    if unset:
        estimator.set_params(**unset)


def _fit(estimator: Any, made: pd.DataFrame, target: NDArray[Any]) -> None:  # noqa: ANN401
    import traceback  # noqa: PLC0415  only where something failed

    try:
        estimator.fit(made, target)
    except Exception as error:
        name = type(estimator).__name__
        log = "".join(traceback.format_exception(error)).splitlines()[-20:]
        raise UserCodeError(
            f"{name}.fit raised {type(error).__name__}: {error}",
            hint="try it alone: pennon train",
            log="\n".join(log),
        ) from error


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
