"""A version as a folder that can answer: configuration, code, artifact and manifest."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.digest import verify
from pennon.config import PROJECT, Project, Task, read
from pennon.errors import ArtifactError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ESTIMATOR, FOLDER = "model.skops", "model.zip"
"""The artifact of an estimator, and the folder that a command left."""
MANIFEST = "manifest.json"
EXAMPLE = "example.json"


class InputColumn(msgspec.Struct, frozen=True):
    """A column of a request, with its contract type."""

    name: str
    type: str
    optional: bool = False


class Interface(msgspec.Struct, frozen=True):
    inputs: tuple[InputColumn, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a manifest that scoring needs; the registry's record has all of it."""

    model: str
    version: str = ""  # a candidate has none yet
    task: Task
    commit: str
    artifact: str
    file: str = ESTIMATOR
    params: dict[str, Any] = {}
    seed: int = 0
    signature: Interface


Predict = Callable[["pd.DataFrame"], "NDArray[np.float64]"]


class Bundle:
    """An opened bundle. The artifact was verified; it is loaded at the first prediction."""

    def __init__(self, folder: Path) -> None:
        """Raises ArtifactError where the folder is no bundle or its artifact not the recorded."""
        self.folder = folder
        try:
            self.facts = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Facts)
        except FileNotFoundError:
            raise ArtifactError(f"{folder} is no bundle: it has no {MANIFEST}") from None
        except msgspec.ValidationError as error:
            raise ArtifactError(f"{folder / MANIFEST} cannot be read: {error}") from None
        self.artifact = folder / self.facts.file
        verify(self.artifact, self.facts.artifact)
        project = read((folder / PROJECT).read_text(encoding="utf-8"), Project, PROJECT)
        self.source = project.source
        self._opened = ExitStack()
        weakref.finalize(self, self._opened.close)
        self.model = project.models[self.facts.model]

    @cached_property
    def example(self) -> dict[str, Any] | None:
        """A row to try the model on, if one was kept."""
        file = self.folder / EXAMPLE
        return msgspec.json.decode(file.read_bytes()) if file.exists() else None

    def load(self) -> None:
        """Get ready to predict now rather than at the first request. Raises ArtifactError."""
        _ = self._predict

    def predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Predictions (n,) for raw rows: the version's own features, then its estimator."""
        inputs = [column.name for column in self.facts.signature.inputs]
        return self._predict(rows[inputs])

    @cached_property
    def _predict(self) -> Predict:
        return self._command() if self.model.command else self._estimator()

    def _estimator(self) -> Predict:
        from pennon.artifacts.predict import predict  # noqa: PLC0415  the ML stack
        from pennon.artifacts.skopsfile import load  # noqa: PLC0415
        from pennon.artifacts.source import features  # noqa: PLC0415

        estimator = load(self.artifact, self.model.trusted)
        code, reference = self.folder / self.source, self.model.features
        return lambda rows: predict(estimator, features(reference, code, rows), self.facts.task)

    def _command(self) -> Predict:
        from pennon.artifacts.command import Engine, unpacked  # noqa: PLC0415  the ML stack

        engine = Engine(
            command=self.model.command or (),
            root=self.folder,
            source=self.source,
            params=self.facts.params,
            seed=self.facts.seed,
        )
        folder = self._opened.enter_context(unpacked(self.artifact))
        return lambda rows: engine.run(rows, folder)
