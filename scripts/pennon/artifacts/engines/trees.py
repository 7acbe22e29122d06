"""Fitted trees as the attributes of one ONNX TreeEnsemble, in doubles.

The operator (ai.onnx.ml 5) keeps thresholds and leaves as scikit-learn has them; the ones before it
round both to 32 bits, which moves rows across a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Tree(NamedTuple):
    """Nodes (n,) of one tree, the root first. A row goes `left` where its value is <= threshold."""

    left: NDArray[Any]
    right: NDArray[Any]
    feature: NDArray[Any]
    threshold: NDArray[Any]
    missing_left: NDArray[Any]
    is_leaf: NDArray[np.bool_]
    value: NDArray[np.float64]


def of_tree(tree: Any, value: NDArray[np.float64]) -> Tree:  # noqa: ANN401  sklearn's, from Cython
    """A `sklearn.tree` one with a value (n,) for each node."""
    left = tree.children_left
    return Tree(
        left,
        tree.children_right,
        tree.feature,
        tree.threshold,
        tree.missing_go_to_left,
        left < 0,
        value,
    )


def of_histogram(nodes: NDArray[Any]) -> Tree:
    """A tree of histogram gradient boosting. Raises ValueError for a split by categories."""
    if nodes["is_categorical"].any():
        raise ValueError("splits by categories are not compiled")
    return Tree(
        nodes["left"],
        nodes["right"],
        nodes["feature_idx"],
        nodes["num_threshold"],
        nodes["missing_go_to_left"],
        nodes["is_leaf"].astype(bool),
        nodes["value"],
    )


def ensemble(trees: Iterable[Tree]) -> dict[str, Any]:
    """Attributes of a TreeEnsemble that adds up the leaves which a row reaches."""
    import numpy as np  # noqa: PLC0415  only where a model is compiled
    from onnx import numpy_helper  # noqa: PLC0415

    parts, roots, leaves, inner = [], [], 0, 0
    for tree in trees:
        grown = _with_a_split(tree)
        parts.append(_numbered(grown, leaves, inner))
        roots.append(inner)
        leaves += int(grown.is_leaf.sum())
        inner += int((~grown.is_leaf).sum())
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    weights, splits = whole.pop("leaf_weights"), whole.pop("nodes_splits")
    modes = np.zeros(inner, dtype=np.uint8)  # 0: less or equal
    return {
        "aggregate_function": 1,  # the sum
        "n_targets": 1,
        "tree_roots": roots,
        "leaf_targetids": [0] * leaves,
        "leaf_weights": numpy_helper.from_array(weights, "leaf_weights"),
        "nodes_splits": numpy_helper.from_array(splits, "nodes_splits"),
        "nodes_modes": numpy_helper.from_array(modes, "nodes_modes"),
        **{name: values.astype(np.int64).tolist() for name, values in whole.items()},
    }


def _with_a_split(tree: Tree) -> Tree:
    """The tree; of a lone leaf one whose two leaves are that: the operator wants a node to ask."""
    import numpy as np  # noqa: PLC0415  as above

    if len(tree.is_leaf) > 1:
        return tree
    nought, value = np.zeros(3, dtype=np.int64), np.repeat(tree.value, 3)
    children = np.array([1, -1, -1]), np.array([2, -1, -1])
    return Tree(*children, nought, nought * 0.0, nought, np.array([False, True, True]), value)


def _numbered(tree: Tree, leaves: int, inner: int) -> dict[str, NDArray[Any]]:
    """Its nodes and leaves, counted from those of the trees before it: two separate counts."""
    import numpy as np  # noqa: PLC0415  as above

    split = ~tree.is_leaf
    number = np.where(
        tree.is_leaf, np.cumsum(tree.is_leaf) - 1 + leaves, np.cumsum(split) - 1 + inner
    )
    left, right = tree.left[split].astype(np.int64), tree.right[split].astype(np.int64)
    return {
        "nodes_truenodeids": number[left],
        "nodes_falsenodeids": number[right],
        "nodes_trueleafs": tree.is_leaf[left],
        "nodes_falseleafs": tree.is_leaf[right],
        "nodes_featureids": tree.feature[split],
        "nodes_missing_value_tracks_true": tree.missing_left[split],
        "nodes_splits": tree.threshold[split].astype(np.float64),
        "leaf_weights": tree.value[tree.is_leaf].astype(np.float64),
    }
