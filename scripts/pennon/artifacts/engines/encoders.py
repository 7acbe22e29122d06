"""How encoders, imputers and scalers are written as ONNX: rare categories too, all in doubles."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from pennon.artifacts.engines.graph import Graph


def ordinal(graph: Graph) -> None:
    fitted = graph.fitted
    unknown = fitted.unknown_value if fitted.handle_unknown == "use_encoded_value" else np.nan
    made = []
    for i, (column, text) in enumerate(graph.columns()):
        known = _known(fitted, i, text=text)
        made.append(_code(graph, column, known, unknown))
    graph.together(made)


def one_hot(graph: Graph) -> None:
    fitted = graph.fitted
    if fitted.drop is not None:
        raise ValueError("OneHotEncoder with drop is not compiled")
    made = []
    for i, (column, text) in enumerate(graph.columns()):
        known = _known(fitted, i, text=text)
        width = int(fitted._n_features_outs[i])  # noqa: SLF001  no public door to rare categories
        rare = (
            fitted.infrequent_categories_[i] if hasattr(fitted, "infrequent_categories_") else None
        )
        falls = fitted.handle_unknown == "infrequent_if_exist" and rare is not None
        code = _code(graph, column, known, width - 1 if falls else -1)
        same = graph.node("Equal", code, graph.constant(np.arange(width, dtype=np.float64)[None]))
        made.append(graph.node("Cast", same, to=TensorProto.DOUBLE))
    graph.together(made)


def _known(fitted: Any, i: int, *, text: bool) -> dict[Any, float]:  # noqa: ANN401  an encoder
    """The code of each category of column i; empty values have none: they are never sent here."""
    mapping = getattr(fitted, "_default_to_infrequent_mappings", None)
    codes = mapping[i] if mapping is not None else None
    found = {}
    for code, category in enumerate(fitted.categories_[i]):
        if category is None or category != category:  # noqa: PLR0124  NaN
            continue
        if isinstance(category, str) is not text:
            raise ValueError(f"the category {category!r} is not of its column's type")
        found[category] = float(code if codes is None else codes[code])
    return found


def _code(graph: Graph, column: str, known: dict[Any, float], unknown: float) -> str:
    text = all(isinstance(key, str) for key in known)
    keys = np.array(list(known), dtype=object if text else np.float64)
    return graph.node(
        "LabelEncoder",
        column,
        keys_tensor=numpy_helper.from_array(keys, "keys"),
        values_tensor=numpy_helper.from_array(np.array(list(known.values())), "values"),
        default_tensor=numpy_helper.from_array(np.array([unknown], dtype=np.float64), "default"),
    )


def imputed(graph: Graph) -> None:
    """A SimpleImputer of numbers."""
    fitted = graph.fitted
    known = np.asarray(fitted.statistics_, dtype=np.float64)
    if fitted.add_indicator or not np.isnan(fitted.missing_values) or np.isnan(known).any():
        raise ValueError("a SimpleImputer with these settings is not compiled")
    values = graph.inputs[0].full_name
    graph.together(
        [graph.node("Where", graph.node("IsNaN", values), graph.constant(known[None]), values)]
    )


def scaled(graph: Graph) -> None:
    """What moves a number and stretches it, each column by itself."""
    fitted, values = graph.fitted, graph.inputs[0].full_name
    if getattr(fitted, "clip", False):
        raise ValueError("a scaler that clips is not compiled")
    if isinstance(fitted, MinMaxScaler):
        stretched = graph.node("Mul", values, graph.constant(fitted.scale_[None]))
        graph.together([graph.node("Add", stretched, graph.constant(fitted.min_[None]))])
        return
    start = getattr(fitted, "center_", None)
    if isinstance(fitted, StandardScaler) and fitted.with_mean:
        start = fitted.mean_
    if start is not None:
        values = graph.node("Sub", values, graph.constant(start[None]))
    if fitted.scale_ is not None:
        values = graph.node("Div", values, graph.constant(fitted.scale_[None]))
    graph.together([values])
