"""How often a 95 % interval of a paired difference holds the truth, by metric and rows.

PYTHONPATH=tests python tests/benchmarks/bench_coverage.py --histories 1000

Two models that are right about different things; the truth is known from two million rows. Beside
ours: the percentile bootstrap, on the same rows.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from pennon.config import Task
from pennon.evaluation.bootstrap import resample
from pennon.evaluation.metrics import vectorised
from pennon.evaluation.names import metric
from pennon.evaluation.paired import scores_beside
from pennon.evaluation.plan import Plan

Floats = NDArray[np.float64]
Drawn = tuple[Floats, Floats, Floats]
METRICS = (
    "accuracy",
    "recall",
    "balanced_accuracy",
    "roc_auc",
    "log_loss",
    "f1",
    "average_precision",
    "root_mean_squared_error",
    "median_absolute_error",
)
ROWS = (100, 1_000)
RESAMPLES = 400


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--histories", type=int, default=1_000)
    asked = parser.parse_args()
    print(f"{'metric':26} {'rows':>6} {'ours':>7} {'percentile':>11} {'method':>14}")
    for name in METRICS:
        for rows in ROWS:
            print_line(name, rows, asked.histories)


def drawn(name: str, rows: int, generator: np.random.Generator) -> Drawn:
    """Truth and two predictions that share a part of what they know."""
    signal, shared = generator.normal(size=(2, rows))
    ours = signal + 0.6 * shared + 0.7 * generator.normal(size=rows)
    theirs = signal + 0.6 * shared + 0.9 * generator.normal(size=rows)
    if task_of(name) is Task.REGRESSION:
        return signal * 3 + generator.standard_t(5, rows), ours * 3, theirs * 3
    truth = (signal + 0.5 * generator.normal(size=rows) > 0.5).astype(np.float64)
    truth[:2] = (0, 1)
    return truth, 1 / (1 + np.exp(-1.5 * (ours - 0.5))), 1 / (1 + np.exp(-1.5 * (theirs - 0.5)))


def task_of(name: str) -> Task:
    return metric(name).task or Task.CLASSIFICATION


def score(name: str, truth: Floats, prediction: Floats) -> float:
    return float(vectorised(name)(truth, prediction, np.ones((1, truth.size)))[0])


def print_line(name: str, rows: int, histories: int) -> None:
    truth, ours, theirs = drawn(name, 2_000_000, np.random.default_rng(99))
    difference = score(name, truth, ours) - score(name, truth, theirs)
    generator = np.random.default_rng(rows)
    held = percentile = 0
    method = ""
    for i in range(histories):
        truth, ours, theirs = drawn(name, rows, generator)
        plan = Plan(model="m", task=task_of(name), metric=name, resamples=RESAMPLES, seed=i)
        ((it,),) = scores_beside(plan, (name,), truth, [ours, theirs], confidence=0.95)
        held += it.low <= difference <= it.high
        method = it.method
        draws = (RESAMPLES, i, 0.5)
        found, _ = resample([name], truth, [ours, theirs], groups=None, draws=draws)
        low, high = np.nanquantile(found[0, 0] - found[1, 0], (0.025, 0.975))
        percentile += low <= difference <= high
    shares = f"{held / histories:7.1%} {percentile / histories:11.1%}"
    print(f"{name:26} {rows:6} {shares} {method:>14}", flush=True)


if __name__ == "__main__":
    main()
