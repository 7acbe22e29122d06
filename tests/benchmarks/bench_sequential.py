"""How often a rollout is wrong, and how soon it knows, when it is looked at again and again.

PYTHONPATH=tests python tests/benchmarks/bench_sequential.py --runs 1000

False alarms: both versions fail alike, and somebody looks at every twentieth more, up to 100,000
requests. Beside ours, on the same requests: the z-test of two proportions, the mixture SPRT (Johari
et al. 2022) and the asymptotic confidence sequence (Waudby-Smith et al. 2024). Intervals of shares
are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from math import log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pennon.evaluation.sequential import Block, refuted, rounds

Floats = NDArray[np.float64]
MOST, FIRST, GROWTH, ALPHA = 100_000, 20, 1.05, 0.05


class World(NamedTuple):
    """Rates of failure of live and challenger, and the challenger's share, at each look."""

    name: str
    live: Callable[[Floats], Floats]
    effect: float
    share: Callable[[Floats], Floats]


class History(NamedTuple):
    """New requests and failures of each arm at each look: (looks,)."""

    share: Floats
    live: Floats
    live_failed: Floats
    challenger: Floats
    challenger_failed: Floats


def flat(value: float) -> Callable[[Floats], Floats]:
    return lambda at: np.full_like(at, value)


def canary(at: Floats) -> Floats:
    """Five steps of a fifth each."""
    steps = np.array([0.01, 0.05, 0.1, 0.25, 0.5])
    found: Floats = steps[np.minimum((at / MOST * 5).astype(int), 4)]
    return found


def rising(at: Floats) -> Floats:
    """A service that fails more and more, whoever answers."""
    return 0.01 + 0.09 * at / MOST


EQUAL = (
    World("5 %, halves", flat(0.05), 0.0, flat(0.5)),
    World("0.5 %, halves", flat(0.005), 0.0, flat(0.5)),
    World("5 %, 1 % canary", flat(0.05), 0.0, flat(0.01)),
    World("0.5 %, 1 % canary", flat(0.005), 0.0, flat(0.01)),
    World("1 to 10 %, growing canary", rising, 0.0, canary),
)
DIFFERENT = (
    World("5 → 6 %, halves", flat(0.05), 0.01, flat(0.5)),
    World("5 → 8 %, halves", flat(0.05), 0.03, flat(0.5)),
    World("1 → 5 %, 1 % canary", flat(0.01), 0.04, flat(0.01)),
    World("1 → 20 %, 1 % canary", flat(0.01), 0.19, flat(0.01)),
    World("1 → 100 %, 1 % canary", flat(0.01), 0.99, flat(0.01)),
)


def looks() -> Floats:
    found = [float(FIRST)]
    while found[-1] < MOST:
        found.append(min(float(MOST), max(found[-1] + 1, float(int(found[-1] * GROWTH)))))
    return np.array(found)


def draw(world: World, generator: np.random.Generator) -> History:
    at = looks()
    new = np.diff(at, prepend=0).astype(int)
    share, rate = world.share(at), world.live(at)
    challenger = generator.binomial(new, share)
    live = new - challenger
    return History(
        share,
        live.astype(float),
        generator.binomial(live, rate).astype(float),
        challenger.astype(float),
        generator.binomial(challenger, np.minimum(1.0, rate + world.effect)).astype(float),
    )


def ours(it: History) -> NDArray[np.bool_]:
    return seen(blocks(it))


def seen(given: Iterator[Block]) -> NDArray[np.bool_]:
    """After each block: is "no difference" refuted, in one of the two directions?"""
    found = rounds(given)
    wanted = log(2 / ALPHA)
    fortunes = [np.cumsum([refuted([r], 0.0, above=side) for r in found]) for side in (True, False)]
    decided: NDArray[np.bool_] = (fortunes[0] >= wanted) | (fortunes[1] >= wanted)
    return decided


def blocks(it: History) -> Iterator[Block]:
    for share, n0, s0, n1, s1 in zip(*it, strict=True):
        yield Block(float(share), {1.0: s0, 0.0: n0 - s0}, {1.0: s1, 0.0: n1 - s1})


class Pooled(NamedTuple):
    """What the others look at: the difference of all so far, and its variance."""

    difference: Floats
    variance: Floats

    @classmethod
    def of(cls, it: History) -> Pooled:
        n0, s0, n1, s1 = (np.cumsum(column) for column in it[1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            p0, p1 = s0 / n0, s1 / n1
            return cls(p1 - p0, p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1)


def z_test(it: History) -> NDArray[np.bool_]:
    pooled = Pooled.of(it)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: NDArray[np.bool_] = np.abs(pooled.difference) > 1.959964 * np.sqrt(pooled.variance)
    return found & (pooled.variance > 0)


def msprt(it: History) -> NDArray[np.bool_]:
    """A normal mixture of differences with a standard deviation of one point."""
    pooled, spread = Pooled.of(it), 0.01**2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        v = pooled.variance
        ratio = 0.5 * np.log(v / (v + spread))
        ratio = ratio + pooled.difference**2 * spread / (2 * v * (v + spread))
    found: NDArray[np.bool_] = ratio >= log(1 / ALPHA)
    return found & (pooled.variance > 0)


def asymptotic(it: History) -> NDArray[np.bool_]:
    """Of inverse-probability-weighted scores, tightest at 10,000 requests."""
    share, n0, s0, n1, s1 = it
    total = np.cumsum(s1 / share - s0 / (1 - share))
    squares = np.cumsum(s1 / share**2 + s0 / (1 - share) ** 2)
    n = np.cumsum(n0 + n1)
    variance = np.maximum(squares / n - (total / n) ** 2, 0)
    rho2 = (-2 * log(ALPHA) + log(-2 * log(ALPHA) + 1)) / 10_000
    scaled = n * rho2 + 1
    margin = np.sqrt(2 * scaled / rho2 * np.log(np.sqrt(scaled) / ALPHA)) * np.sqrt(variance)
    found: NDArray[np.bool_] = np.abs(total) > margin
    return found & (variance > 0)


METHODS = {"ours": ours, "asymptotic CS": asymptotic, "mSPRT": msprt, "z-test": z_test}


def wilson(hits: int, runs: int) -> str:
    p, z = hits / runs, 1.959964
    middle, scale = p + z * z / (2 * runs), 1 + z * z / runs
    half = z * sqrt(p * (1 - p) / runs + z * z / (4 * runs * runs))
    return f"{p:6.1%} [{(middle - half) / scale:.1%}, {(middle + half) / scale:.1%}]"


def first(decided: NDArray[np.bool_], at: Floats) -> float | None:
    return float(at[int(np.argmax(decided))]) if decided.any() else None


def table(title: str, worlds: tuple[World, ...], runs: int, *, times: bool) -> None:
    print(f"\n{title}\n\n| | {' | '.join(METHODS)} |\n|---|{'---|' * len(METHODS)}")
    at = looks()
    for world in worlds:
        generator = np.random.default_rng(20261121)
        histories = [draw(world, generator) for _ in range(runs)]
        cells = []
        for method in METHODS.values():
            moments = [m for it in histories if (m := first(method(it), at)) is not None]
            cell = wilson(len(moments), runs)
            never = [*moments, *[float("inf")] * (runs - len(moments))]
            cells.append(f"{cell}, median {np.median(never):,.0f}" if times else cell)
        print(f"| {world.name} | {' | '.join(cells)} |", flush=True)


def keys(runs: int) -> None:
    """Keys that come twenty times each, and of which each has a rate of its own."""
    generator = np.random.default_rng(7)
    wrong = {"the request as the unit": 0, "the key as the unit": 0}
    for _ in range(runs):
        arm = generator.random(500) < 0.5
        rate = generator.beta(0.2, 0.8, 500)
        hits = generator.binomial(20, rate)
        for name, size, values in (
            ("the request as the unit", 20, hits),
            ("the key as the unit", 1, np.round(hits / 20 * 64) / 64),
        ):
            wrong[name] += bool(seen(_gathered(arm, values, size, generator)).any())
    print(f"\n500 keys with 20 requests each, alike in both arms, twenty looks ({runs} runs)\n")
    for name, times in wrong.items():
        print(f"- {name}: wrong in {wilson(times, runs)}")


def _gathered(
    arm: NDArray[np.bool_], values: NDArray[np.generic], size: int, generator: np.random.Generator
) -> Iterator[Block]:
    """Twenty blocks, keys in a random order."""
    for part in np.array_split(generator.permutation(arm.size), 20):
        sides: list[dict[float, float]] = [{}, {}]
        for i in part:
            side, value = sides[int(arm[i])], float(values[i])
            if size == 1:
                side[value] = side.get(value, 0) + 1
            else:
                side[1.0] = side.get(1.0, 0) + value
                side[0.0] = side.get(0.0, 0) + size - value
        yield Block(0.5, sides[0], sides[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    runs = parser.parse_args().runs
    print(f"{runs} runs, {looks().size} looks each, alpha {ALPHA:.0%}")
    table("False alarms: no difference, and one was ever seen", EQUAL, runs, times=False)
    table("A difference was seen, and after how many requests", DIFFERENT, runs, times=True)
    keys(min(runs, 300))


if __name__ == "__main__":
    main()
