"""Fairness by group: our seconds beside fairlearn's, and how often intervals of a gap are right.

    PYTHONPATH=tests/benchmarks python tests/benchmarks/bench_fairness.py [ROWS [SIMULATIONS]]

Both compute selection rate, true and false positive rate of 8 groups with differences and ratios.
fairlearn's intervals are a bootstrap of rows (100 resamples here). Coverage: of the gap of the
selection rate, beside the percentile bootstrap of the same gap (1,000 resamples; drawn as counts,
which is the same as drawing rows within groups).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.fairness import fairness
from pennon.evaluation.plan import Plan

Numbers = NDArray[np.float64]
PLAN = Plan(model="loans", task=Task.CLASSIFICATION, metric="roc_auc")
RATES = {
    "selection_rate": selection_rate,
    "true_positive_rate": true_positive_rate,
    "false_positive_rate": false_positive_rate,
}
RESAMPLES = 1000


def main() -> None:
    rows = int(sys.argv[1]) if sys.argv[1:] else 200_000
    simulations = int(sys.argv[2]) if sys.argv[2:] else 500
    speed(rows)
    print()
    coverage(simulations)


def speed(rows: int) -> None:
    generator = np.random.default_rng(1)
    region = pd.Series(generator.choice([f"region {i}" for i in range(8)], rows))
    truth = (generator.random(rows) < 0.3).astype(np.float64)
    prediction = np.clip(truth * 0.3 + generator.random(rows) * 0.6, 0, 1)

    def theirs(**more: object) -> None:
        frame = MetricFrame(
            metrics=RATES,
            y_true=truth,
            y_pred=prediction >= PLAN.threshold,
            sensitive_features=region,
            **more,
        )
        frame.difference()
        frame.ratio()

    ours = seconds(lambda: fairness(PLAN, truth, prediction, {"region": region}))
    points = seconds(theirs)
    intervals = seconds(lambda: theirs(n_boot=100, ci_quantiles=[0.025, 0.975], random_state=1))
    print(f"{rows:,} rows, 8 groups, 3 rates          seconds   ratio")
    for name, took in (
        ("pennon, with intervals", ours),
        ("fairlearn, without intervals", points),
        ("fairlearn, with intervals", intervals),
    ):
        print(f"{name:38} {took:9.3f} {took / ours:7.1f}")


def seconds(work: Callable[[], object]) -> float:
    """Of the processor: other processes of the machine do not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def coverage(simulations: int) -> None:
    print(f"share of {simulations} intervals (95 %) that hold the true gap of the selection rate")
    print("groups rows each true gap   pennon    ratio bootstrap")
    for groups in (2, 5):
        for size in (50, 500):
            for gap in (0.0, 0.1, 0.3):
                found = np.array([trial(groups, size, gap, seed=i) for i in range(simulations)])
                ours, ratio, bootstrap = found.mean(axis=0)
                print(f"{groups:6} {size:9} {gap:8} {ours:8.3f} {ratio:8.3f} {bootstrap:9.3f}")


def trial(groups: int, size: int, gap: float, *, seed: int) -> tuple[bool, bool, bool]:
    """Does each interval hold the truth? The shares of the groups lie evenly around 0.4."""
    generator = np.random.default_rng(seed)
    shares = np.linspace(0.4 - gap / 2, 0.4 + gap / 2, groups)
    said = (generator.random((groups, size)) < shares[:, None]).astype(np.float64).ravel()
    truth = np.tile([0.0, 1.0], said.size // 2)
    labels = np.repeat(np.arange(groups).astype(str), size)
    it = fairness(PLAN, truth, said, {"group": labels}).columns[0].gap("selection_rate")
    assert it is not None
    assert it.ratio is not None
    ratio = shares[0] / shares[-1]
    low, high = bootstrap(generator, said.reshape(groups, size))
    return (
        it.difference.low <= gap + 1e-12 and gap <= it.difference.high,
        it.ratio.low <= ratio <= it.ratio.high + 1e-12,
        low <= gap <= high,
    )


def bootstrap(generator: np.random.Generator, said: Numbers) -> tuple[float, float]:
    size = said.shape[1]
    drawn = generator.binomial(size, said.mean(axis=1), (RESAMPLES, len(said))) / size
    low, high = np.quantile(np.ptp(drawn, axis=1), (0.025, 0.975))
    return float(low), float(high)


if __name__ == "__main__":
    main()
