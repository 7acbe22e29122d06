"""Train the recipe of a version again, on other rows, by its own code in a process of its own."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.score import Apart
from pennon.config import load
from pennon.training.fit import fit
from pennon.training.recipe import Recipe

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def again(
    bundle: Path,
    train: pd.DataFrame,
    judged: pd.DataFrame,
    process: ProcessPoolExecutor | None = None,
) -> Apart:
    """Predictions for `judged` (n,) by what the bundle's recipe makes of `train`: raw rows both."""
    return Apart(bundle, _train, train, judged, process=process)


def _train(bundle: Path, train: pd.DataFrame, judged: pd.DataFrame) -> NDArray[np.float64]:
    opened = Bundle(bundle)
    config = load(partial(_read, bundle))
    name = opened.facts.model
    recipe = Recipe(
        name=name,
        model=config.model(name),
        dataset=config.dataset_of(name),
        params=dict(config.params.get(name, {})),
        root=bundle,
        source=config.project.source,
    )
    with TemporaryDirectory(prefix="pennon-again-") as scratch:
        return fit(recipe, train, judged, Path(scratch)).made.predictions


def _read(bundle: Path, path: str) -> str | None:
    file = bundle / path
    return file.read_text(encoding="utf-8") if file.is_file() else None
