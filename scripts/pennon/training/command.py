"""The engine for everything else: a command of the repository that reads and writes files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pennon.artifacts.bundle import FOLDER
from pennon.artifacts.command import Engine, pack
from pennon.training.recipe import Made, Recipe

if TYPE_CHECKING:
    import pandas as pd


def train(recipe: Recipe, rows: pd.DataFrame, holdout: pd.DataFrame, scratch: Path) -> Made:
    """Train on inputs and target of `rows`; predict `holdout`, which goes in without its target.

    The model is what the command leaves in the folder `scratch`, which must outlive `Made`.
    """
    engine = Engine(
        command=recipe.model.command or (),
        root=recipe.root,
        source=recipe.source,
        params=recipe.params,
        seed=recipe.model.seed,
        base=recipe.base,
    )
    names = recipe.inputs
    predictions = engine.run(holdout[names], scratch, rows[[*names, recipe.model.target]])
    return Made(predictions, FOLDER, partial(pack, scratch, said=engine.said))
