"""What to train, and what came of it: the records that engines share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.config import BaseModel, Config, Dataset, Model

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


WORKSHOP = ".pennon"
"""Beside a recipe: what pennon keeps there for itself."""


class Recipe(msgspec.Struct, frozen=True):
    """A model of pennon.yaml, its dataset, its params; `source` holds its code, below `root`."""

    name: str
    model: Model
    dataset: Dataset
    params: dict[str, Any]
    root: Path
    source: str = "src"

    @property
    def code(self) -> Path:
        return self.root / self.source

    @property
    def base(self) -> Path | None:
        """Where the file is that it starts from; whoever trains puts it there first."""
        asked = self.model.base_model
        return base_file(self.root / WORKSHOP, asked) if asked else None

    @property
    def inputs(self) -> list[str]:
        """The columns that a request brings: those of the contract but key, target, excluded."""
        left_out = {*self.dataset.key, self.model.target, *self.model.exclude}
        return [name for name in self.dataset.contract.columns if name not in left_out]


def base_file(folder: Path, asked: BaseModel) -> Path:
    """Its place below a folder: by digest, with its own name, which tells libraries its format."""
    return folder / "base" / asked.digest.removeprefix("sha256:") / asked.uri.rpartition("/")[2]


def recipe_of(config: Config, model: str, root: Path) -> Recipe:
    """What the repository (or bundle) in `root` says of a model."""
    return Recipe(
        name=model,
        model=config.model(model),
        dataset=config.dataset_of(model),
        params=dict(config.params.get(model, {})),
        root=root,
        source=config.project.source,
    )


class Made(msgspec.Struct, frozen=True):
    """What an engine trained. `predictions` are for the holdout rows, in their order.

    `save` writes the artifact, whole or not at all; `file` is what it is called in a release.
    `predict` gives predictions for other raw rows; none where that takes another process.
    """

    predictions: NDArray[np.float64]
    file: str
    save: Callable[[Path], None]
    predict: Callable[[pd.DataFrame], NDArray[np.float64]] | None = None
