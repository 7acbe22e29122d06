"""The engine for anything with scikit-learn's interface: features, a factory, fit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pennon.artifacts.bundle import ESTIMATOR
from pennon.artifacts.predict import predict
from pennon.artifacts.skopsfile import save
from pennon.artifacts.source import LAST_LINES, UserCodeError, call, features
from pennon.training.recipe import Made, Recipe

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def train(recipe: Recipe, rows: pd.DataFrame, holdout: pd.DataFrame) -> Made:
    """Fit on `rows` and predict `holdout`, which goes in without its target."""
    reference, names = recipe.model.features, recipe.inputs
    estimator = build(recipe)
    made = features(reference, recipe.code, rows[names])
    _fit(estimator, made, rows[recipe.model.target].to_numpy())

    def of(raw: pd.DataFrame) -> NDArray[np.float64]:
        ready = features(reference, recipe.code, raw[names])
        return predict(estimator, ready, recipe.model.task)

    return Made(of(holdout), ESTIMATOR, partial(save, estimator), of)


def build(recipe: Recipe) -> Any:  # noqa: ANN401  any scikit-learn style estimator
    """What the repository's factory returns for the params, with the model's seed.

    Where the model starts from another one, the path of that file is its second argument.
    """
    reference = recipe.model.estimator
    assert reference is not None  # noqa: S101  config has exactly one of estimator, command
    base = (recipe.base,) if recipe.base else ()
    estimator = call(reference, recipe.code, dict(recipe.params), *base)
    if not hasattr(estimator, "fit") or not hasattr(estimator, "predict"):
        raise UserCodeError(
            f"{reference} returned a {type(estimator).__name__}, not an estimator",
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
        log = "".join(traceback.format_exception(error)).splitlines()[-LAST_LINES:]
        raise UserCodeError(
            f"{name}.fit raised {type(error).__name__}: {error}",
            hint="try it alone: pennon train",
            log="\n".join(log),
        ) from error
