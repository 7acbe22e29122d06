"""How the estimators of everyday are written as ONNX in doubles, where skl2onnx rounds or refuses.

skl2onnx 1.20 writes trees and linear models with 32 bits, histogram gradient boosting not at all
with protobuf 7, and knows nothing of rare categories (docs/adr/0006). Each function here writes one
kind of estimator; whether it did so rightly is proven on rows, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn.ensemble as ensembles
import sklearn.linear_model as linear
import sklearn.tree as single
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType
from sklearn.base import is_classifier
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from pennon.artifacts.engines.encoders import imputed, one_hot, ordinal, scaled
from pennon.artifacts.engines.graph import Graph
from pennon.artifacts.engines.trees import Tree, ensemble, of_histogram, of_tree

FORESTS = (
    ensembles.RandomForestClassifier,
    ensembles.RandomForestRegressor,
    ensembles.ExtraTreesClassifier,
    ensembles.ExtraTreesRegressor,
)
TREES = (
    single.DecisionTreeClassifier,
    single.DecisionTreeRegressor,
    single.ExtraTreeClassifier,
    single.ExtraTreeRegressor,
)
STAGED = (ensembles.GradientBoostingClassifier, ensembles.GradientBoostingRegressor)
HISTOGRAM = (
    ensembles.HistGradientBoostingClassifier,
    ensembles.HistGradientBoostingRegressor,
)
LINEAR = (
    *(linear.LogisticRegression, linear.LogisticRegressionCV),
    *(linear.LinearRegression, linear.Ridge, linear.RidgeCV, linear.HuberRegressor),
    *(linear.Lasso, linear.LassoCV, linear.ElasticNet, linear.ElasticNetCV, linear.BayesianRidge),
    *(linear.PoissonRegressor, linear.GammaRegressor, linear.TweedieRegressor),
)
SCALERS = (StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler)


def _trees(graph: Graph) -> None:
    """Also a forest, whose prediction is the mean of its trees'. They see 32 bits of a value."""
    fitted = graph.fitted
    grown = getattr(fitted, "estimators_", [fitted])
    rounded = graph.node("Cast", graph.inputs[0].full_name, to=TensorProto.FLOAT)
    features = graph.node("Cast", rounded, to=TensorProto.DOUBLE)
    total = _sum(graph, features, [of_tree(it.tree_, _leaf(it)) for it in grown])
    # First the sum, as scikit-learn does: six of twelve are one half, six twelfths are less.
    graph.answer(graph.node("Div", total, graph.constant(float(len(grown)))))


def _leaf(fitted: Any) -> NDArray[np.float64]:  # noqa: ANN401  a tree of sklearn.tree
    """The share of the class 1, or the mean, at each node (n,)."""
    value = fitted.tree_.value[:, 0, :]
    return value[:, 1] / value.sum(axis=1) if is_classifier(fitted) else value[:, 0]  # type: ignore[no-any-return]  # sklearn's are arrays of doubles


def _staged(graph: Graph) -> None:
    fitted = graph.fitted
    if not (fitted.init_ == "zero" or type(fitted.init_).__name__.startswith("Dummy")):
        raise ValueError(f"it starts from {type(fitted.init_).__name__}")
    start = fitted._raw_predict_init(np.zeros((1, fitted.n_features_in_), np.float32))  # noqa: SLF001  no public door
    rate = fitted.learning_rate
    trees = [of_tree(it.tree_, it.tree_.value[:, 0, 0] * rate) for it in fitted.estimators_.ravel()]
    rounded = graph.node("Cast", graph.inputs[0].full_name, to=TensorProto.FLOAT)
    total = _sum(graph, graph.node("Cast", rounded, to=TensorProto.DOUBLE), trees)
    raw = graph.node("Add", total, graph.constant(float(start[0, 0])))
    graph.answer(_linked(graph, raw, fitted._loss))  # noqa: SLF001  as above


def _histogram(graph: Graph) -> None:
    fitted = graph.fitted
    if fitted._preprocessor is not None:  # noqa: SLF001  as above
        raise ValueError("categories of its own are not compiled")
    trees = [of_histogram(stage[0].nodes) for stage in fitted._predictors]  # noqa: SLF001
    total = _sum(graph, graph.inputs[0].full_name, trees)
    start = float(np.ravel(fitted._baseline_prediction)[0])  # noqa: SLF001
    raw = graph.node("Add", total, graph.constant(start))
    graph.answer(_linked(graph, raw, fitted._loss))  # noqa: SLF001


def _linear(graph: Graph) -> None:
    fitted = graph.fitted
    weights = np.reshape(fitted.coef_, (-1, 1)).astype(np.float64)
    if len(weights) != fitted.n_features_in_:
        raise ValueError("it predicts more than one number")
    product = graph.node("MatMul", graph.inputs[0].full_name, graph.constant(weights))
    raw = graph.node("Add", product, graph.constant(float(np.ravel(fitted.intercept_)[0])))
    if is_classifier(fitted):
        graph.answer(graph.node("Sigmoid", raw))
    else:
        loss = getattr(fitted, "_base_loss", None)
        graph.answer(_linked(graph, raw, loss) if loss else raw)


def _linked(graph: Graph, raw: str, loss: Any) -> str:  # noqa: ANN401  sklearn._loss
    """What a sum means: scikit-learn's own name of the link decides."""
    match link := type(loss.link).__name__:
        case "IdentityLink":
            return raw
        case "LogLink":
            return graph.node("Exp", raw)
        case "LogitLink":
            return graph.node("Sigmoid", raw)
        case "HalfLogitLink":
            return graph.node("Sigmoid", graph.node("Mul", raw, graph.constant(2.0)))
        case _:
            raise ValueError(f"{link} is not compiled")


def _sum(graph: Graph, features: str, trees: list[Tree]) -> str:
    return graph.node("TreeEnsemble", features, **ensemble(trees))


def _width(operator: Any) -> int:  # noqa: ANN401  skl2onnx's
    fitted = operator.raw_operator
    if isinstance(fitted, OneHotEncoder):
        return int(sum(fitted._n_features_outs))  # noqa: SLF001  as above
    return int(sum(it.type.shape[1] for it in operator.inputs))


def _encoded(operator: Any) -> None:  # noqa: ANN401  skl2onnx's
    operator.outputs[0].type = DoubleTensorType([None, _width(operator)])


def _predicted(operator: Any) -> None:  # noqa: ANN401  skl2onnx's
    if is_classifier(operator.raw_operator):
        operator.outputs[0].type = Int64TensorType([None, 1])
        operator.outputs[1].type = DoubleTensorType([None, 2])
    else:
        operator.outputs[0].type = DoubleTensorType([None, 1])


def _writer(write: Callable[[Graph], None]) -> Callable[[Any, Any, Any], None]:
    return lambda scope, operator, container: write(Graph(scope, operator, container))


WRITERS: dict[type, Callable[[Any, Any, Any], None]] = {
    **dict.fromkeys((*FORESTS, *TREES), _writer(_trees)),
    **dict.fromkeys(STAGED, _writer(_staged)),
    **dict.fromkeys(HISTOGRAM, _writer(_histogram)),
    **dict.fromkeys(LINEAR, _writer(_linear)),
    OneHotEncoder: _writer(one_hot),
    OrdinalEncoder: _writer(ordinal),
    SimpleImputer: _writer(imputed),
    **dict.fromkeys(SCALERS, _writer(scaled)),
}
SHAPES: dict[type, Callable[[Any], None]] = {
    **dict.fromkeys(WRITERS, _predicted),
    OneHotEncoder: _encoded,
    OrdinalEncoder: _encoded,
    SimpleImputer: _encoded,
    **dict.fromkeys(SCALERS, _encoded),
}
