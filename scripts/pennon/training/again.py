"""Train a recipe again, on other rows, by its own code in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pennon.artifacts.score import Apart
from pennon.config import load
from pennon.training.fit import fit
from pennon.training.recipe import Recipe, recipe_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pennon.evaluation.draws import Split


def again(
    root: Path,
    model: str,
    train: pd.DataFrame,
    judged: pd.DataFrame,
    *,
    process: ProcessPoolExecutor | None = None,
) -> Apart:
    """Predictions for `judged` (n,) by what the recipe in `root` makes of `train`: raw rows both.

    `root` is a bundle, or a model repository.
    """
    return Apart(root, _train, model, train, judged, process=process)


def again_and_again(root: Path, model: str, rows: pd.DataFrame, splits: Sequence[Split]) -> Apart:
    """The same for each split of `rows`: predictions for the test rows, one split after another."""
    return Apart(root, _train_each, model, rows, splits)


def _train(
    root: Path, model: str, train: pd.DataFrame, judged: pd.DataFrame
) -> NDArray[np.float64]:
    with TemporaryDirectory(prefix="pennon-again-") as scratch:
        return fit(_recipe(root, model), train, judged, Path(scratch)).made.predictions


def _train_each(
    root: Path, model: str, rows: pd.DataFrame, splits: Sequence[Split]
) -> NDArray[np.float64]:
    import numpy as np  # noqa: PLC0415  in the child, which has loaded it

    return np.concatenate([_train(root, model, rows.iloc[a], rows.iloc[b]) for a, b in splits])


def _recipe(root: Path, model: str) -> Recipe:
    return recipe_of(load(partial(_read, root)), model, root)


def _read(root: Path, path: str) -> str | None:
    file = root / path
    return file.read_text(encoding="utf-8") if file.is_file() else None
