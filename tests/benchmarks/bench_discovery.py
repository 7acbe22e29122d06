"""What the search for weak slices finds, how often it is wrong, and what it costs.

    PYTHONPATH=tests/benchmarks python tests/benchmarks/bench_discovery.py [SEEDS]

Two classifiers that know the same, on 4,561 rows (as many as judge the sample repository's model)
of eight columns that say nothing: nothing is off, nothing is worse. Then one of them is wrong in a
planted slice. Beside the search stands the naive one: the slice with the largest mean error of all,
with its 95 % interval from the very rows that it was found on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pennon.config import Against, Task
from pennon.evaluation.compare import Reference
from pennon.evaluation.conditions import conditions_of
from pennon.evaluation.discovery import discover
from pennon.evaluation.insight import Discovery, Weakness
from pennon.evaluation.plan import Plan

Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]

ROWS = 4561
SMALLEST = 100
"""Rows of a slice for the naive search; ours asks for 50 in either half."""
NAMES = np.array(["LGA", "JFK", "EWR", "BOS", "SFO"], dtype=object)


class World(NamedTuple):
    frame: pd.DataFrame
    truth: Floats
    candidate: Floats
    champion: Floats


def world(seed: int, rows: int = ROWS, columns: int = 8) -> World:
    """Both models are right about each row but for a little noise of their own."""
    generator = np.random.default_rng(seed)
    made: dict[str, object] = {}
    for i in range(columns):
        if i % 2:
            made[f"number {i}"] = generator.normal(size=rows)
        else:
            made[f"name {i}"] = generator.choice(NAMES, rows, p=[0.4, 0.25, 0.2, 0.1, 0.05])
    logit = generator.normal(-1, 1.2, rows)
    truth = (generator.random(rows) < sigmoid(logit)).astype(np.float64)
    ours, theirs = (sigmoid(logit + generator.normal(0, 0.1, rows)) for _ in range(2))
    return World(pd.DataFrame(made), truth, ours, theirs)


def sigmoid(logit: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-logit))
    return found


def searched(it: World, seed: int) -> Discovery:
    plan = Plan(model="m", task=Task.CLASSIFICATION, metric="roc_auc", seed=seed)
    beside = Reference(Against.CHAMPION, "the champion", it.champion)
    return discover(plan, it.frame, it.truth, (it.candidate, beside))


def shifted(it: World, where: Rows, shift: float) -> World:
    """The candidate's log odds are off by `shift` there."""
    logit = np.log(it.candidate / (1 - it.candidate)) + np.where(where, shift, 0.0)
    return it._replace(candidate=sigmoid(logit))


def scrambled(it: World, where: Rows) -> World:
    """The candidate says there what it should say of another such row."""
    candidate = it.candidate.copy()
    candidate[where] = np.random.default_rng(5).permutation(candidate[where])
    return it._replace(candidate=candidate)


class Naive(NamedTuple):
    size: float
    low: float


def naive(it: World) -> Naive:
    """All rows search, and the same rows tell what was found."""
    error = it.candidate - it.truth
    rows = [rows for _, rows in asked(it.frame)]
    slices = [*rows, *(one & other for one, other in combinations(rows, 2))]
    found = [measured(error[inside]) for inside in slices if inside.sum() >= SMALLEST]
    return max(found)


def measured(error: Floats) -> Naive:
    size, half = abs(float(error.mean())), 1.96 * float(error.std()) / error.size**0.5
    return Naive(size, size - half)


def asked(frame: pd.DataFrame) -> Iterator[tuple[str, Rows]]:
    """All single conditions: words and rows."""
    for name in frame.columns:
        found = conditions_of(str(name), frame[name], np.ones(len(frame), dtype=bool))
        yield from ((words, found.rows(i)) for i, words in enumerate(found.words))


def under_the_null(seeds: int) -> None:
    start = time.perf_counter()
    found = [searched(world(seed), seed) for seed in range(seeds)]
    each = (time.perf_counter() - start) / seeds
    reported = sum(bool(it.found) for it in found)
    picked = [part for it in found for part in (*it.off, *it.worse)]
    errors = [(-1) ** it.below * it.noise.center / it.noise.error for it in picked]
    tilt = np.mean([abs(part.noise.center) for it in found for part in it.off])
    mean, half = np.mean(errors), 1.96 / len(errors) ** 0.5
    print(f"nothing is off or worse, {seeds} seeds, {each * 1000:.0f} ms a search")
    print(f"  ours reports something in {reported} ({reported / seeds:.1%})")
    print(f"  {len(picked)} slices were picked; toward what the search saw, the other half has")
    print(f"  {mean:+.3f} ± {half:.3f} standard errors; mean size of an error {tilt:.3f}")
    beside = [naive(world(seed)) for seed in range(min(seeds, 100))]
    wrong, size = sum(it.low > 0 for it in beside), np.mean([it.size for it in beside])
    print(f"  naive reports something in {wrong} of {len(beside)}; mean size {size:.3f}")


def power(seeds: int) -> None:
    print(f"planted, {seeds} seeds     rows  wrong by       found as off  found as worse")
    for pair in (False, True):
        for share in (0.05, 0.1, 0.2):
            for shift in (1.0, -1.0, 2.0, 0.0):
                off = worse = count = 0
                for seed in range(seeds):
                    it, where = marked(world(seed), share, pair=pair)
                    changed = shifted(it, where, shift) if shift else scrambled(it, where)
                    found = searched(changed, seed)
                    off += hit(found.off, found, it.frame, where)
                    worse += hit(found.worse, found, it.frame, where)
                    count += int(where.sum())
                name = "pair of conditions" if pair else "one condition"
                wrong = f"{shift:+} log odds" if shift else "scrambling"
                rates = f"{off / seeds:12.0%} {worse / seeds:15.0%}"
                print(f"{name:20} {count // seeds:6}  {wrong:14} {rates}")


def marked(it: World, share: float, *, pair: bool) -> tuple[World, Rows]:
    """About that share of the rows: a value that was put there, or where two of them meet."""
    generator = np.random.default_rng(7)
    each = share**0.5 if pair else share
    one, other = generator.random((2, len(it.frame))) < each
    frame = it.frame.copy()
    frame.loc[one, "name 0"] = "odd"
    if not pair:
        return it._replace(frame=frame), one
    frame.loc[other, "name 2"] = "odd"
    return it._replace(frame=frame), one & other


def hit(parts: tuple[Weakness, ...], found: Discovery, frame: pd.DataFrame, where: Rows) -> bool:
    """Is one of them beyond noise and about these rows: half of both in common, at least?"""
    known = dict(asked(frame))
    for part in parts:
        if part in found.found:
            rows = [known.get(words, ~where) for words in part.rule.split(" and ")]
            inside = np.logical_and.reduce(rows)
            if 2 * (inside & where).sum() >= (inside | where).sum():
                return True
    return False


def cost() -> None:
    for rows, columns in ((ROWS, 16), (100_000, 20), (1_000_000, 20)):
        it = world(1, rows, columns)
        start = time.perf_counter()
        found = searched(it, 1)
        seconds = time.perf_counter() - start
        print(f"{rows:9,} rows x {columns} columns: {seconds:.2f} s, {found.searched:,} slices")


if __name__ == "__main__":
    seeds = int(sys.argv[1]) if sys.argv[1:] else 400
    under_the_null(seeds)
    power(max(seeds // 8, 1))
    cost()
