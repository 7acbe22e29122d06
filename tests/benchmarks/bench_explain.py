"""Shapley values: ours beside those of shap, where it is installed (it is no part of our locks).

    PYTHONPATH=scripts python tests/benchmarks/bench_explain.py [ROWS]

Six models of six columns, on as many rows as a registration explains and 50 rows of background.
`rest` is the largest part of a prediction that the contributions do not add up to; `off` is the
mean distance from the exact values (all 64 coalitions of columns), beside their mean size.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression

from pennon.evaluation.explain import contributions

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Floats]

BACKGROUND = 50


class Case(NamedTuple):
    name: str
    model: Any
    predict: Predict
    rows: pd.DataFrame
    background: pd.DataFrame


def cases(count: int) -> list[Case]:
    generator = np.random.default_rng(1)
    frame = pd.DataFrame(generator.normal(size=(6000, 6)), columns=list("abcdef"))
    frame["f"] = generator.integers(0, 6, 6000).astype(float)
    full = frame.copy()
    frame.loc[::9, "b"] = np.nan
    logit = frame["a"] * (1 + full["c"]) + 1.5 * frame["f"].isin([1, 4]) - 0.5 * full["d"] - 1
    late = (generator.random(6000) < 1 / (1 + np.exp(-logit))).astype(int)
    boosting = HistGradientBoostingClassifier
    counts = generator.poisson(np.exp(logit.clip(-3, 2)))
    made = [
        ("boosting, no empty cell", boosting(), full, late),
        ("boosting, empty cells", boosting(), frame, late),
        ("boosting, categories", boosting(categorical_features=["f"]), full, late),
        ("boosting, Poisson", HistGradientBoostingRegressor(loss="poisson"), full, counts),
        ("forest of 100", RandomForestClassifier(random_state=1), full, late),
        ("logistic regression", LogisticRegression(), full, late),
    ]
    return [_case(name, model.fit(x, y), x, count) for name, model, x, y in made]


def _case(name: str, model: Any, frame: pd.DataFrame, count: int) -> Case:  # noqa: ANN401
    def predict(rows: pd.DataFrame) -> Floats:
        if hasattr(model, "predict_proba"):
            return np.asarray(model.predict_proba(rows)[:, 1])
        return np.asarray(model.predict(rows))

    return Case(name, model, predict, frame[:count], frame[-BACKGROUND:])


def exact(it: Case) -> Floats:
    """By the definition (Shapley 1953): the mean over the background of each coalition."""
    names = list(it.rows.columns)
    worth = {}
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            others = np.tile(np.arange(BACKGROUND), len(it.rows))
            mixed = it.background.iloc[others].reset_index(drop=True)
            for name in chosen:
                mixed[name] = np.repeat(it.rows[name].to_numpy(), BACKGROUND)
            worth[chosen] = it.predict(mixed).reshape(-1, BACKGROUND).mean(axis=1)
    found = np.zeros(it.rows.shape)
    for k, name in enumerate(names):
        for chosen in (part for part in worth if name not in part):
            more = tuple(part for part in names if part in chosen or part == name)
            weight = factorial(len(chosen)) * factorial(len(names) - len(chosen) - 1)
            found[:, k] += weight / factorial(len(names)) * (worth[more] - worth[chosen])
    return found


def ours(it: Case) -> tuple[Floats, float]:
    found = contributions(it.predict, it.rows, it.background)
    return found.added, found.base


def theirs(it: Case) -> tuple[Floats, float]:
    """In the unit of the prediction, beside the same background."""
    import shap  # type: ignore[import-not-found]  # noqa: PLC0415  nobody has to have it

    what = "probability" if hasattr(it.model, "predict_proba") else "raw"
    explainer = shap.TreeExplainer(
        it.model, it.background, feature_perturbation="interventional", model_output=what
    )
    found = np.asarray(explainer.shap_values(it.rows, check_additivity=False))
    base = float(np.ravel(explainer.expected_value)[-1])
    return (found[:, :, 1] if found.ndim == 3 else found), base


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 300
    print(f"{'':26}{'ours':>8}{'rest':>10}{'off':>8}{'shap':>10}{'rest':>10}{'off':>8}")
    for it in cases(count):
        wanted = exact(it)
        cells = []
        for method in (ours, theirs):
            start = time.perf_counter()
            try:
                added, base = method(it)
            except Exception as error:  # noqa: BLE001  shap raises what it likes
                cells.append(f"  {type(error).__name__}")
                continue
            seconds = time.perf_counter() - start
            rest = np.abs(added.sum(axis=1) + base - it.predict(it.rows)).max()
            off = np.abs(added - wanted).mean() / np.abs(wanted).mean()
            cells.append(f"{seconds:8.2f} s {rest:9.1e} {off:7.1%}")
        print(f"{it.name:24}" + "  ".join(cells))


if __name__ == "__main__":
    main()
