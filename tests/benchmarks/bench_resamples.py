"""An interval of a paired difference on many rows: ours, a plain numpy loop, scipy's bootstrap.

PYTHONPATH=tests python tests/benchmarks/bench_resamples.py --rows 1000000

Each is a process of its own. The peers draw fewer resamples, and their seconds (without what they
need before the first draw) are scaled to 2,000: the whole run would take an hour.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap
from sklearn.metrics import roc_auc_score

from pennon.config import Task
from pennon.evaluation.paired import scores_beside
from pennon.evaluation.plan import Plan

Floats = NDArray[np.float64]
RESAMPLES = 2_000
METRICS = ("accuracy", "log_loss", "root_mean_squared_error", "roc_auc")
WAYS = ("pennon", "numpy", "scipy")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--draws", type=int, default=12, help="of the peers, scaled to 2,000")
    parser.add_argument("--one", nargs=2, help="metric and way, in this process")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measured(asked.one[0], asked.one[1], asked.rows, asked.draws)))
        return
    print(f"{asked.rows:,} rows, {RESAMPLES:,} paired resamples or their closed form\n")
    print(f"{'metric':26} {'way':8} {'seconds':>9} {'× ours':>8} {'peak MB':>8}   interval")
    for metric in METRICS:
        ours = 0.0
        for way in WAYS:
            command = [sys.executable, __file__, "--rows", str(asked.rows)]
            command += ["--draws", str(asked.draws), "--one", metric, way]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, memory, low, high = json.loads(done.stdout)
            ours = ours or seconds
            times = f"{seconds / ours:8.0f}"
            print(
                f"{metric:26} {way:8} {seconds:8.2f}s {times} {memory:8.0f}   "
                f"[{low:+.5f}, {high:+.5f}]",
                flush=True,
            )


def rows(metric: str, count: int) -> tuple[Floats, Floats, Floats]:
    generator = np.random.default_rng(0)
    truth = (generator.random(count) < 0.3).astype(np.float64)
    models = [1 / (1 + np.exp(-(truth + generator.normal(0, 1, count)))) for _ in range(2)]
    if metric == "root_mean_squared_error":
        truth = truth * 10 + generator.normal(0, 3, count)
    return truth, models[0], models[1]


def measured(metric: str, way: str, count: int, draws: int) -> tuple[float, float, float, float]:
    """Seconds for 2,000 resamples, peak megabytes, and the interval."""
    truth, ours, theirs = rows(metric, count)
    seconds, (low, high) = {"pennon": pennon, "numpy": loop, "scipy": scipy}[way](
        metric, (truth, ours, theirs), draws
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, memory, low, high


Rows = tuple[Floats, Floats, Floats]
Timed = tuple[float, tuple[float, float]]


def pennon(metric: str, of: Rows, _: int) -> Timed:
    task = Task.REGRESSION if "error" in metric else Task.CLASSIFICATION
    plan = Plan(model="m", task=task, metric=metric, resamples=RESAMPLES)
    start = time.perf_counter()
    truth, *models = of
    ((scores,),) = scores_beside(plan, (metric,), truth, models, confidence=0.95)
    return time.perf_counter() - start, (scores.low, scores.high)


def plain(metric: str) -> Callable[[Floats, Floats], float]:
    """The metric as people write it in a loop."""
    return {
        "accuracy": lambda t, p: float(((p >= 0.5) == (t > 0)).mean()),
        "log_loss": lambda t, p: float(-(t * np.log(p) + (1 - t) * np.log1p(-p)).mean()),
        "root_mean_squared_error": lambda t, p: float(np.sqrt(((t - p) ** 2).mean())),
        "roc_auc": lambda t, p: float(roc_auc_score(t, p)),
    }[metric]


def loop(metric: str, of: Rows, draws: int) -> Timed:
    score, (truth, ours, theirs) = plain(metric), of
    generator = np.random.default_rng(0)
    start = time.perf_counter()
    found = []
    for _ in range(draws):
        drawn = generator.integers(0, truth.size, truth.size)
        taken = truth[drawn]
        found.append(score(taken, ours[drawn]) - score(taken, theirs[drawn]))
    return _scaled(time.perf_counter() - start, draws), _around(found)


def scipy(metric: str, of: Rows, draws: int) -> Timed:
    score = plain(metric)

    def difference(truth: Floats, ours: Floats, theirs: Floats) -> float:
        return score(truth, ours) - score(truth, theirs)

    start = time.perf_counter()
    done = bootstrap(
        of,
        difference,
        paired=True,
        vectorized=False,
        n_resamples=draws,
        batch=1,
        method="percentile",
        rng=np.random.default_rng(0),
    )
    return _scaled(time.perf_counter() - start, draws), _around(done.bootstrap_distribution)


def _scaled(seconds: float, draws: int) -> float:
    return seconds / draws * RESAMPLES


def _around(found: list[float] | Floats) -> tuple[float, float]:
    """From few draws: two errors about their mean."""
    middle, error = float(np.mean(found)), float(np.std(found, ddof=1))
    return middle - 1.96 * error, middle + 1.96 * error


if __name__ == "__main__":
    main()
