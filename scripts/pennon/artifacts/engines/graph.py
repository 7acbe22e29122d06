"""The nodes of one estimator in an ONNX graph that skl2onnx puts together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import StringTensorType
from sklearn.base import is_classifier

ML, ML_VERSION, VERSION = "ai.onnx.ml", 5, 21
SAID = 3
"""What skl2onnx is told instead of 5, which it does not know; the finished file says 5."""


class Graph:
    """Nodes of one estimator, each named by what it makes."""

    def __init__(self, scope: Any, operator: Any, container: Any) -> None:  # noqa: ANN401  skl2onnx's
        self._scope, self._container = scope, container
        self.fitted = operator.raw_operator
        self.inputs = operator.inputs
        self._outputs = [it.full_name for it in operator.outputs]

    def node(self, kind: str, *inputs: str, into: str = "", **attributes: Any) -> str:  # noqa: ANN401
        made = into or self._scope.get_unique_variable_name(kind.lower())
        ml = kind in {"TreeEnsemble", "LabelEncoder"}
        self._container.add_node(
            kind,
            list(inputs),
            [made],
            op_domain=ML if ml else "",
            op_version=SAID if ml else VERSION,
            name=self._scope.get_unique_operator_name(kind),
            **attributes,
        )
        return made

    def constant(self, values: Any) -> str:  # noqa: ANN401  a number, or an array of them
        array = np.asarray(values)
        name = self._scope.get_unique_variable_name("constant")
        kind = TensorProto.INT64 if array.dtype.kind == "i" else TensorProto.DOUBLE
        self._container.add_initializer(name, kind, list(array.shape), array.ravel().tolist())
        return str(name)

    def columns(self) -> Iterator[tuple[str, bool]]:
        """Each column of the inputs (n, 1), and whether it is text."""
        for it in self.inputs:
            text = isinstance(it.type, StringTensorType)
            for i in range(it.type.shape[1]):
                at = self.constant(np.array([i]))
                yield self.node("Gather", it.full_name, at, axis=1), text

    def together(self, made: list[str]) -> None:
        self.node("Concat", *made, into=self._outputs[0], axis=1)

    def answer(self, value: str) -> None:
        """The prediction (n, 1): a value, or the probability of the class 1."""
        if not is_classifier(self.fitted):
            self.node("Identity", value, into=self._outputs[0])
            return
        if len(self.fitted.classes_) != 2:  # noqa: PLR2004  a binary one
            raise ValueError(f"{len(self.fitted.classes_)} classes, a binary one is needed")
        certain = self.node("Greater", value, self.constant(0.5))
        self.node("Cast", certain, into=self._outputs[0], to=TensorProto.INT64)
        other = self.node("Sub", self.constant(1.0), value)
        self.node("Concat", other, value, into=self._outputs[1], axis=1)
