"""One row by scikit-learn and by the engine that a registration would choose (docs/adr/0006).

    OMP_NUM_THREADS=1 PYTHONPATH=scripts python tests/benchmarks/bench_engines.py [ROWS]

Pipelines of the template's two families, and forests, on the flights that the template ships with
and by its own features; each is fitted on ROWS (10,000) and compared on all other rows. Medians in
microseconds, in turn (A B C A B C …). `sklearn` and `lean` get the features of one row as a frame;
`lean` is scikit-learn told not to check (assume_finite, skip_parameter_validation). `onnx` gets the
same frame, `rows` plain values, which is what a server has where no features function is named;
`features` is that function alone. `off` is the largest difference, `flips` the labels that change.
With treelite installed there is its general predictor for the boosting itself, without encoders.
"""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from pennon.artifacts.engines.compiled import Compiled
from pennon.artifacts.engines.convert import convert
from pennon.artifacts.engines.prove import Limits, prove
from pennon.artifacts.predict import predict
from pennon.artifacts.source import features_by
from pennon.config import Task

Estimator = Any
"""scikit-learn has no types."""

TEMPLATE = Path(__file__).parents[2] / "template" / "{{cookiecutter.repo_name}}"
RUNS, SINGLE = 300, 20
LIMITS = Limits(difference=1e-5, flips=0, threshold=0.5)


def main(rows: int) -> None:
    raw = pd.read_csv(TEMPLATE / "data" / "flights.csv", low_memory=False)
    code = TEMPLATE / "src" / "{{cookiecutter.package_name}}"
    build = features_by("features:build", code)
    features, late = build(raw), raw["late"].to_numpy()
    print(f"{'':9} sklearn   lean   onnx   rows  features      off flips  compared  compile   size")
    for name, estimator in models(list(features.columns)).items():
        full = features if name in {"histogram", "forest"} else features.fillna(0.0)
        estimator.fit(full[:rows], late[:rows])
        report(name, estimator, full[rows:], lambda one: build(raw.loc[one.index]))


def models(columns: list[str]) -> Mapping[str, Any]:
    words = ["origin", "dest", "carrier"]
    numbers = [name for name in columns if name not in words]

    def codes() -> OrdinalEncoder:
        unknown: dict[str, Any] = {"handle_unknown": "use_encoded_value", "unknown_value": -1}
        return OrdinalEncoder(min_frequency=20, **unknown)

    def coded(estimator: Estimator) -> Estimator:
        return make_pipeline(
            make_column_transformer((codes(), words), ("passthrough", numbers)), estimator
        )

    one_hot = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20)
    scaled = make_column_transformer((one_hot, words), (StandardScaler(), numbers))
    return {
        "logistic": make_pipeline(scaled, LogisticRegression(max_iter=300)),
        "histogram": coded(HistGradientBoostingClassifier(early_stopping=False, random_state=0)),
        "boosting": coded(GradientBoostingClassifier(random_state=0)),
        "forest": coded(RandomForestClassifier(200, min_samples_leaf=20, random_state=0)),
    }


def report(
    name: str, estimator: Estimator, features: pd.DataFrame, build: Callable[..., Any]
) -> None:
    def exact(asked: pd.DataFrame) -> NDArray[np.float64]:
        return predict(estimator, asked, Task.CLASSIFICATION)

    def lean(asked: pd.DataFrame) -> NDArray[np.float64]:
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
            return exact(asked)

    start = time.perf_counter()
    content = convert(estimator, features)
    seconds = time.perf_counter() - start
    proof = prove(content, exact, features, LIMITS)
    compiled = Compiled(proof.content)
    ones = [features.dropna().iloc[[i]] for i in range(SINGLE)]
    plain = {id(one): list(one.itertuples(index=False, name=None)) for one in ones}
    ways = {
        "sklearn": exact,
        "lean": lean,
        "onnx": compiled.frame,
        "rows": lambda one: compiled.rows(plain[id(one)]),
        "features": build,
    }
    took = race(ways, ones)
    cells = [f"{took[way]:7.0f}" for way in ("sklearn", "lean", "onnx", "rows")]
    gap = proof.gap
    print(
        f"{name:9}{''.join(cells)} {took['features']:9.0f} {gap.difference:8.1e} {gap.flips:5} "
        f"{gap.rows:9,} {seconds:6.2f} s {len(content) / 1e6:4.1f} MB"
    )
    if name == "histogram" and importlib.util.find_spec("treelite"):
        _treelite(estimator, ones)


def race(ways: Mapping[str, Callable[..., Any]], ones: list[pd.DataFrame]) -> dict[str, float]:
    """Median microseconds of each way."""
    took: dict[str, list[float]] = {way: [] for way in ways}
    for i in range(RUNS):
        for way, answer in ways.items():
            one = ones[i % len(ones)]
            start = time.perf_counter()
            answer(one)
            took[way].append(time.perf_counter() - start)
    return {way: statistics.median(values) * 1e6 for way, values in took.items()}


def _treelite(estimator: Estimator, ones: list[pd.DataFrame]) -> None:
    treelite: Any = importlib.import_module("treelite")
    final, encoded = estimator[-1], [np.asarray(estimator[:-1].transform(one)) for one in ones]
    model = treelite.sklearn.import_model(final)
    ways = {
        "treelite": lambda one: treelite.gtil.predict(model, one, nthread=1),
        "sklearn": final.predict_proba,
    }
    took = race(ways, encoded)  # type: ignore[arg-type]  # rows of numbers are as good
    off = max(
        abs(float(ways["treelite"](one).ravel()[0]) - final.predict_proba(one)[0, 1])
        for one in encoded
    )
    print(
        f"  of which the trees: treelite {took['treelite']:.0f}, sklearn {took['sklearn']:.0f}, "
        f"off by up to {off:.1e} on {len(ones)} rows"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
