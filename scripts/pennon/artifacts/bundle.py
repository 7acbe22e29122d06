"""A version as a folder that can answer: configuration, code, artifact and manifest."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.cells import InputColumn, Row, frame
from pennon.artifacts.digest import verify
from pennon.artifacts.engines import Engine, EngineKind, EngineMissingError
from pennon.config import PROJECT, Project, Task, read
from pennon.errors import ArtifactError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pennon.artifacts.engines.compiled import Compiled

_log = logging.getLogger(__name__)

ESTIMATOR, FOLDER = "model.skops", "model.zip"
"""The artifact of an estimator, and the folder that a command left."""
MANIFEST = "manifest.json"
EXAMPLE = "example.json"
BACKGROUND = "background.json"
"""Rows that explanations compare with."""


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
    files: dict[str, str] = {}
    engine: Engine = Engine()


Predict = Callable[["pd.DataFrame"], "NDArray[np.float64]"]


class Bundle:
    """An opened bundle. The artifact was verified; it is loaded at the first prediction."""

    def __init__(self, folder: Path, *, compiled: bool = True) -> None:
        """Raises ArtifactError where the folder is no bundle, or a file of it not the recorded one.

        Without `compiled` the artifact itself predicts: where versions are compared bit by bit.
        """
        self.folder = folder
        try:
            self.facts = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Facts)
        except FileNotFoundError:
            raise ArtifactError(f"{folder} is no bundle: it has no {MANIFEST}") from None
        except msgspec.ValidationError as error:
            raise ArtifactError(f"{folder / MANIFEST} cannot be read: {error}") from None
        self.artifact = folder / self.facts.file
        verify(self.artifact, self.facts.artifact)
        self._engine = self.facts.engine if compiled else Engine()
        if file := self._engine.file:
            verify(folder / file, self.facts.files.get(file, "none"))
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

    @cached_property
    def background(self) -> list[dict[str, Any]]:
        """Rows to explain predictions by; none where none were kept."""
        file = self.folder / BACKGROUND
        return msgspec.json.decode(file.read_bytes()) if file.exists() else []

    def load(self) -> None:
        """Get ready to predict now rather than at the first request. Raises ArtifactError."""
        _ = (
            self._command
            if self.model.command
            else (self.features, self._compiled or self.estimator)
        )

    def predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Predictions (n,) for raw rows: the version's own features, then its engine."""
        return self._predict(rows[[column.name for column in self.inputs]])

    def score(self, rows: Sequence[Row]) -> list[float]:
        """Predictions for the values of raw rows, in the order of the signature's inputs.

        The values are as JSON has them, of their columns' types: text for a moment, None where
        there is none; raises DataError for those that no frame can be made of. A compiled engine
        without a features function before it answers without a frame, and without pandas.
        """
        compiled = self._compiled if self.model.features is None else None
        found = compiled.rows(rows) if compiled else None
        if found is None:
            found = self._predict(frame(rows, self.inputs))
        answers: list[float] = found.tolist()
        return answers

    @property
    def inputs(self) -> tuple[InputColumn, ...]:
        return self.facts.signature.inputs

    @cached_property
    def engine(self) -> Engine:
        """What answers here: the recorded engine, or scikit-learn where that cannot run."""
        if self.model.command:
            return msgspec.structs.replace(self._engine, kind=EngineKind.COMMAND)
        if self._compiled is not None or self._engine.kind is EngineKind.SKLEARN:
            return self._engine
        return msgspec.structs.replace(
            self._engine, kind=EngineKind.SKLEARN, file="", why=self._unable
        )

    def _predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        if self.model.command:
            return self._command(rows)
        features = self.features(rows)
        found = self._compiled.frame(features) if self._compiled else None
        return self.exact(features) if found is None else found

    @cached_property
    def features(self) -> Callable[[pd.DataFrame], pd.DataFrame]:
        """Raw rows to what the estimator gets."""
        from pennon.artifacts.source import features_by  # noqa: PLC0415  the ML stack

        return features_by(self.model.features, self.folder / self.source)

    @cached_property
    def estimator(self) -> Any:  # noqa: ANN401  any scikit-learn style estimator
        """The artifact itself, loaded where it is asked for. Raises ArtifactError."""
        from pennon.artifacts.skopsfile import load  # noqa: PLC0415  the ML stack

        return load(self.artifact, self.model.trusted)

    def exact(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Features to predictions (n,) by the artifact itself, which an engine is measured by."""
        from pennon.artifacts.predict import predict  # noqa: PLC0415  the ML stack

        return predict(self.estimator, features, self.facts.task)

    @cached_property
    def _compiled(self) -> Compiled | None:
        if self._engine.kind is not EngineKind.ONNX:
            return None
        from pennon.artifacts.engines.compiled import Compiled  # noqa: PLC0415  ONNX Runtime

        try:
            return Compiled(self.folder / self._engine.file)
        except EngineMissingError as error:
            self._unable = str(error)
            _log.warning("%s: scikit-learn answers instead of ONNX", error)
            return None

    @cached_property
    def _command(self) -> Predict:
        from pennon.artifacts import command  # noqa: PLC0415  the ML stack

        engine = command.Engine(
            command=self.model.command or (),
            root=self.folder,
            source=self.source,
            params=self.facts.params,
            seed=self.facts.seed,
        )
        folder = self._opened.enter_context(command.unpacked(self.artifact))
        return lambda rows: engine.run(rows, folder)
