"""A compiled estimator: columns in, predictions out, and never for rows it was not proven on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.cells import Row
from pennon.artifacts.engines import EngineMissingError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

COLUMNS = "pennon.columns"
"""Under which key of the file's metadata its columns stand."""
_LARGEST = 1e30
"""Beyond it a forest, which rounds to 32 bits, refuses the row in scikit-learn."""
_FEW = 32
"""Up to so many rows, all cells at once are faster to get than a column at a time."""


class ColumnKind(StrEnum):
    """What the compiled form reads of a column: every number as a double, or text."""

    NUMBER = "number"
    TEXT = "text"


class Column(msgspec.Struct, frozen=True):
    """A column of the features. `empty`: equal also where a number is missing.

    `words` are those that it was proven for; None where an unknown one is answered equally, too.
    """

    name: str
    kind: ColumnKind
    empty: bool = False
    words: frozenset[str] | None = None


class Compiled:
    """An ONNX file with its columns. Loading it needs neither pandas nor scikit-learn."""

    def __init__(self, content: Path | bytes) -> None:
        """Raises EngineMissingError where ONNX Runtime is not here, or does not know the file."""
        try:
            import onnxruntime  # noqa: PLC0415  only where a version has a compiled form
        except ImportError:
            raise EngineMissingError("onnxruntime is not installed") from None

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers share the machine
        options.log_severity_level = 4  # what fails is raised
        source = content if isinstance(content, bytes) else os.fspath(content)
        try:
            self._session = onnxruntime.InferenceSession(
                source, options, providers=["CPUExecutionProvider"]
            )
            told = self._session.get_modelmeta().custom_metadata_map[COLUMNS]
            self.columns = msgspec.json.decode(told, type=tuple[Column, ...])
        except Exception as error:
            version = onnxruntime.__version__
            raise EngineMissingError(f"onnxruntime {version} cannot load it: {error}") from error
        self._names = [it.name for it in self._session.get_inputs()]
        self._answer = [self._session.get_outputs()[0].name]

    def frame(self, features: pd.DataFrame) -> NDArray[np.float64] | None:
        """Predictions (n,) for features, or None where scikit-learn has to answer."""
        if tuple(map(str, features.columns)) != tuple(it.name for it in self.columns):
            return None
        if len(features) <= _FEW:
            found = self._predict(list(features.to_numpy(dtype=object).T))
            if found is not None:
                return found
        return self._predict([_values(features[it.name]) for it in self.columns])

    def rows(self, rows: Sequence[Row]) -> NDArray[np.float64] | None:
        """The same for the values of rows, in the order of the columns."""
        if not rows:
            return None
        return self._predict([list(values) for values in zip(*rows, strict=True)])

    def _predict(self, values: Sequence[Any]) -> NDArray[np.float64] | None:
        import numpy as np  # noqa: PLC0415  loaded with the model

        ready = []
        for column, given in zip(self.columns, values, strict=True):
            array = (
                _text(given, column) if column.kind is ColumnKind.TEXT else _number(given, column)
            )
            if array is None:
                return None
            ready.append(array.reshape(-1, 1))
        feed: Mapping[str, Any] = (
            dict(zip(self._names, ready, strict=True))
            if len(self._names) == len(ready)
            else {self._names[0]: np.hstack(ready)}
        )
        made = np.asarray(self._session.run(self._answer, feed)[0][:, -1], dtype=np.float64)
        return made if np.isfinite(made).all() else None


def _number(given: Any, column: Column) -> NDArray[np.float64] | None:  # noqa: ANN401  list or array
    import numpy as np  # noqa: PLC0415  as above

    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    if (np.abs(array) <= _LARGEST).all():
        return array
    known = array[~np.isnan(array)]
    return array if column.empty and (np.abs(known) <= _LARGEST).all() else None


def _text(given: Any, column: Column) -> NDArray[Any] | None:  # noqa: ANN401  as above
    import numpy as np  # noqa: PLC0415  as above

    if not all(type(value) is str for value in given):
        return None
    if column.words is not None and not column.words.issuperset(given):
        return None
    return np.asarray(given, dtype=object)


def _values(series: pd.Series) -> Any:  # noqa: ANN401  an array
    import numpy as np  # noqa: PLC0415  as above

    if isinstance(series.dtype, np.dtype):
        return series.to_numpy()
    if series.dtype.kind in "fiub":  # of pandas, whose empty cell becomes NaN
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    return series.to_numpy(dtype=object)
