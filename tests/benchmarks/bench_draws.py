"""Recipes that are equal in truth: how often does a rule call one of them better?

    PYTHONPATH=tests python tests/benchmarks/bench_draws.py FLIGHTS.csv [--pairs 200] [--draws 10]

Each pair is one recipe with two seeds (a forest that draws its rows and columns), on its own sample
of flights: whichever looks better is so by luck. One that knows nothing of the time is truly worse:
how often is the whole one called better? The rules: the larger number of one training; the paired
interval of one training on rows that nobody saw; Student's t over the draws, as cross-validation is
often read; the interval of Nadeau and Bengio that `draws` uses. A two-sided 95 % interval that
holds what it says is wrong on this side in 2.5 % of pairs.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score

from pennon.evaluation.closed import areas
from pennon.evaluation.draws import nadeau_bengio, splits
from pennon.evaluation.estimate import Noise

COLUMNS = ("month", "day", "hour", "distance", "carrier", "origin", "dest")
ROWS, JUDGED = 1500, 4000

Floats = NDArray[np.float64]


class Called(NamedTuple):
    """Which rules call the first recipe of a pair better."""

    larger: bool
    rows: bool
    student: bool
    corrected: bool


@cache
def flights(file: Path) -> tuple[Floats, Floats]:
    frame = pd.read_csv(file).dropna(subset=["arr_delay"])
    found = frame.assign(
        **{name: frame[name].astype("category").cat.codes for name in ("carrier", "origin", "dest")}
    )
    truth = (frame["arr_delay"] > 15).astype(np.float64)
    return np.asarray(found[list(COLUMNS)], dtype=np.float64), np.asarray(truth)


def predicted(x: Floats, y: Floats, tested: Floats, seed: int) -> Floats:
    model = ExtraTreesClassifier(30, min_samples_leaf=5, bootstrap=True, random_state=seed)
    found: Floats = model.fit(x, y).predict_proba(tested)[:, 1]
    return found


def better(noise: Noise) -> bool:
    return noise.interval(0.95)[0] > 0


def pair(seed: int, *, file: Path, draws: int, first: int) -> Called:
    """The first recipe has all columns, the second those from `first` on, and another seed."""
    x, y = flights(file)
    order = np.random.default_rng(seed).permutation(len(y))
    pool, judged = order[:ROWS], order[ROWS : ROWS + JUDGED]

    def both(train: NDArray[np.intp], test: NDArray[np.intp], k: int) -> tuple[Floats, Floats]:
        ours = predicted(x[train], y[train], x[test], 2 * (1000 * seed + k))
        few = slice(first, None)
        return ours, predicted(
            x[train][:, few], y[train], x[test][:, few], 2 * (1000 * seed + k) + 1
        )

    ours, theirs = both(pool, judged, 999)
    values, covariance = areas(y[judged], [ours, theirs])
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    once = Noise(center=float(values[0] - values[1]), error=float(np.sqrt(max(variance, 0))))
    differences = []
    for k, (train, test) in enumerate(splits(ROWS, draws, seed)):
        one, other = both(pool[train], pool[test], k)
        truth = y[pool[test]]
        differences.append(roc_auc_score(truth, one) - roc_auc_score(truth, other))
    return Called(
        larger=once.center > 0,
        rows=better(once),
        student=better(nadeau_bengio(differences, 0.0)),
        corrected=better(nadeau_bengio(differences, 0.25)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flights", type=Path)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--draws", type=int, default=10)
    asked = parser.parse_args()
    print(
        f"{asked.pairs} pairs, {asked.draws} draws, {ROWS} rows train, {JUDGED} judge one training"
    )
    print(f"{'called better':32} {'larger':>8} {'rows':>8} {'Student':>8} {'pennon':>8}")
    for name, first in (("equal in truth", 0), ("the other knows no time", 3)):
        run = partial(pair, file=asked.flights, draws=asked.draws, first=first)
        with ProcessPoolExecutor(2) as pool:
            found = np.array(list(pool.map(run, range(asked.pairs))), dtype=np.float64)
        shares = " ".join(f"{share:8.1%}" for share in found.mean(axis=0))
        print(f"{name:32} {shares}", flush=True)


if __name__ == "__main__":
    main()
