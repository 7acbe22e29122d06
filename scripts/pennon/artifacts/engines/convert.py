"""A fitted estimator as an ONNX file that answers the same, or the reason why there is none."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import msgspec

from pennon.artifacts.engines.compiled import COLUMNS, Column, ColumnKind

if TYPE_CHECKING:
    import pandas as pd


class NotCompiledError(Exception):
    """Why an estimator has no compiled form. No error of a user: scikit-learn predicts then."""


def columns_of(features: pd.DataFrame) -> tuple[Column, ...]:
    """What each column of the estimator's frame holds. Raises NotCompiledError."""
    return tuple(Column(str(name), _kind(features[name])) for name in features.columns)


def convert(estimator: Any, features: pd.DataFrame) -> bytes:  # noqa: ANN401  scikit-learn's
    """The estimator as it was fitted on a frame of the same columns as `features`.

    Raises NotCompiledError, whatever skl2onnx or a converter stumbled over.
    """
    columns = columns_of(features)
    try:
        from skl2onnx import convert_sklearn  # noqa: PLC0415  a second, where a model is compiled
        from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs  # noqa: PLC0415

        from pennon.artifacts.engines.graph import ML, ML_VERSION, SAID, VERSION  # noqa: PLC0415
        from pennon.artifacts.engines.operators import SHAPES, WRITERS  # noqa: PLC0415
    except ImportError as error:
        raise NotCompiledError(f"{error.name} is not installed") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of libraries that disagree about deprecations
            made = convert_sklearn(
                estimator,
                initial_types=_types(estimator, columns),
                target_opset={"": VERSION, ML: SAID},
                custom_conversion_functions=WRITERS,
                custom_shape_calculators=SHAPES,
                options={"zipmap": False} if hasattr(estimator, "predict_proba") else None,
            )
            last = made.graph.output[-1].name
            made = select_model_inputs_outputs(made, outputs=[last])
            next(it for it in made.opset_import if it.domain == ML).version = ML_VERSION
    except Exception as error:
        said = str(error).strip().splitlines() or [""]
        raise NotCompiledError(f"{type(error).__name__}: {said[0][:200]}") from error
    entry = made.metadata_props.add()
    entry.key, entry.value = COLUMNS, msgspec.json.encode(columns).decode()
    return bytes(made.SerializeToString())


def proven(content: bytes, columns: tuple[Column, ...]) -> bytes:
    """The file with what it was proven for."""
    import onnx  # noqa: PLC0415  only where a model is compiled

    made = onnx.load_from_string(content)
    entry = next(it for it in made.metadata_props if it.key == COLUMNS)
    entry.value = msgspec.json.encode(columns).decode()
    return bytes(made.SerializeToString())


def _kind(values: pd.Series) -> ColumnKind:
    if values.dtype.kind in "fiub":
        return ColumnKind.NUMBER
    if str(values.dtype) in {"object", "str", "string"} and all(
        isinstance(value, str) for value in values.dropna()
    ):
        return ColumnKind.TEXT
    raise NotCompiledError(f"the feature {values.name} is of type {values.dtype}")


def _types(estimator: Any, columns: tuple[Column, ...]) -> list[tuple[str, Any]]:  # noqa: ANN401
    """One input a column where the estimator tells columns apart, else one for all of them."""
    from skl2onnx.common.data_types import DoubleTensorType, StringTensorType  # noqa: PLC0415
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415

    first = estimator
    while hasattr(first, "steps"):
        first = first.steps[0][1]
    if isinstance(first, ColumnTransformer):
        text = StringTensorType, DoubleTensorType
        return [(it.name, text[it.kind is ColumnKind.NUMBER]([None, 1])) for it in columns]
    odd = next((it.name for it in columns if it.kind is ColumnKind.TEXT), None)
    if odd:
        raise NotCompiledError(f"the feature {odd} is text, and no ColumnTransformer encodes it")
    return [("features", DoubleTensorType([None, len(columns)]))]
