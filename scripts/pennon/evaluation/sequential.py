"""Is the challenger better or worse? Answers that hold however often one looks. Pure python.

A fortune is bet, block by block, against "the effect is at most delta". Each bet is fair or worse
if that is true, so the fortune ever reaches 1/alpha with a probability of at most alpha (Ville
1939); those deltas that it has not refuted are a confidence sequence. It is exact from the first
unit on, for any values in [0, 1], and asks nothing of time but that the split was random with the
share that is known: rates may rise and fall, and shares may change.

Two arms: the score of a unit is A (y - m1) / share - (1 - A) (y - m0) / (1 - share) with
m1 - m0 = delta (inverse probability weighting around a guess; Ham et al. 2022, "Design-based
confidence sequences", arXiv 2210.08639). For 0 and 1 the bet is the e-variable that grows
fastest, a likelihood ratio against the nearest pair of rates (Turner, Ly, Grünwald 2024, "Generic
E-variables for exact sequential k-sample tests", arXiv 2106.02693). For other values it is
Kelly's on what was seen before (Waudby-Smith, Ramdas 2024, "Estimating means of bounded random
variables by betting", arXiv 2010.09686). Pairs: the score is the difference of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, inf, log, log1p

import msgspec

Values = Mapping[float, float]
"""Value -> how many units have it."""
BOLDEST = 0.95
"""The part of what could be lost at most that a bet on values between 0 and 1 may risk."""
_STEPS = 30


class Block(msgspec.Struct, frozen=True):
    """Units between two looks of the bettor, values in [0, 1]; `share` went to the challenger."""

    share: float
    live: Values
    challenger: Values


class Pairs(msgspec.Struct, frozen=True):
    """Units that both versions answered: challenger less live, in [-1, 1]."""

    differences: Values


class Round(msgspec.Struct, frozen=True):
    """A block, and what was known before it: guesses that no later value can change."""

    scores: Block | Pairs
    before: Block | Pairs  # the same share; every value seen earlier, and the prior's

    @property
    def binary(self) -> bool:
        it = self.before
        return isinstance(it, Block) and not ((it.live.keys() | it.challenger.keys()) - {0.0, 1.0})


def rounds(blocks: Iterable[Block | Pairs]) -> list[Round]:
    """Each block beside its past. The prior is one unit, half at either end (and between)."""
    live, challenger = {0.0: 0.5, 1.0: 0.5}, {0.0: 0.5, 1.0: 0.5}
    differences = {-1.0: 0.5, 0.0: 0.5, 1.0: 0.5}
    found = []
    for it in blocks:
        if isinstance(it, Block):
            found.append(Round(it, Block(it.share, dict(live), dict(challenger))))
            _add(live, it.live)
            _add(challenger, it.challenger)
        else:
            found.append(Round(it, Pairs(dict(differences))))
            _add(differences, it.differences)
    return found


def refuted(found: Sequence[Round], delta: float, *, above: bool) -> float:
    """The logarithm of what a bet of 1 has become.

    `above`: against "the effect is at most delta", else against "at least delta". The effect is the
    mean of the challenger less that of the live version.
    """
    sign = 1.0 if above else -1.0
    return sum(_won(it, delta, sign) for it in found)


def interval(found: Sequence[Round], alpha: float) -> tuple[float, float]:
    """The deltas that are not refuted. The effect is outside, ever, with probability `alpha`."""
    wanted = log(2 / alpha)
    return _end(found, wanted, above=True), _end(found, wanted, above=False)


def mean(values: Values) -> float:
    """Of the units; NaN of none."""
    total = sum(values.values())
    return sum(it * n for it, n in values.items()) / total if total else float("nan")


def _end(found: Sequence[Round], wanted: float, *, above: bool) -> float:
    """By halving: the fortune falls as delta comes nearer to the effect."""
    outer, inner = (-1.0, 1.0) if above else (1.0, -1.0)
    for _ in range(_STEPS):
        middle = (outer + inner) / 2
        if refuted(found, middle, above=above) >= wanted:
            outer = middle
        else:
            inner = middle
        if abs(outer - inner) < 1e-6:  # noqa: PLR2004  finer than anybody reads
            break
    return outer


def _won(it: Round, delta: float, sign: float) -> float:
    if isinstance(it.scores, Pairs) or isinstance(it.before, Pairs):
        return _won_by_pairs(it, delta, sign)
    share, before = it.scores.share, it.before
    p1, p0 = mean(before.challenger), mean(before.live)
    if (p1 - p0 - delta) * sign <= 0:
        return 0.0  # the past speaks for delta: nothing is bet against it
    m1, m0 = _nearest((p1, p0), delta, share)
    slopes = (sign / share, -sign / (1 - share))
    low = _least(m1, slopes[0]), _least(m0, slopes[1])
    if it.binary:
        stake = sign * share * (p1 - m1) / (m1 * (1 - m1))
        stake = min(stake, (1 - 1e-9) / -min(low))
    else:
        past = _scores(_weighted(before), (m1, m0), slopes)
        stake = _kelly(past, BOLDEST / -min(low))
    return sum(n * log1p(stake * g) for g, n in _scores(it.scores, (m1, m0), slopes))


def _won_by_pairs(it: Round, delta: float, sign: float) -> float:
    assert isinstance(it.scores, Pairs)  # noqa: S101  rounds() made both
    assert isinstance(it.before, Pairs)  # noqa: S101
    past = [(sign * (z - delta), n) for z, n in it.before.differences.items()]
    if sum(g * n for g, n in past) <= 0:
        return 0.0
    stake = _kelly(past, BOLDEST / (1 + sign * delta))
    return sum(n * log1p(stake * sign * (z - delta)) for z, n in it.scores.differences.items())


def _scores(
    it: Block, guess: tuple[float, float], slopes: tuple[float, float]
) -> list[tuple[float, float]]:
    """(score, units) of each value."""
    (m1, m0), (up, down) = guess, slopes
    found = [(up * (y - m1), n) for y, n in it.challenger.items()]
    return [*found, *((down * (y - m0), n) for y, n in it.live.items())]


def _weighted(it: Block) -> Block:
    """Each arm with the weight of today's share, whatever its share was when it was seen."""
    up, down = it.share / sum(it.challenger.values()), (1 - it.share) / sum(it.live.values())
    live = {y: n * down for y, n in it.live.items()}
    return Block(it.share, live, {y: n * up for y, n in it.challenger.items()})


def _least(guess: float, slope: float) -> float:
    """The least score that a value in [0, 1] could have."""
    return min(slope * (0 - guess), slope * (1 - guess))


def _nearest(means: tuple[float, float], delta: float, share: float) -> tuple[float, float]:
    """The rates that differ by delta and are hardest to tell from `means` (Kullback, Leibler)."""
    p1, p0 = means
    tiny = 1e-9
    floor, roof = max(0.0, -delta) + tiny, min(1.0, 1 - delta) - tiny
    a, b = sorted(min(max(it, floor), roof) for it in (p0, p1 - delta))
    for _ in range(_STEPS):
        m0 = (a + b) / 2
        m1 = m0 + delta
        pull = share * (p1 - m1) / (m1 * (1 - m1)) + (1 - share) * (p0 - m0) / (m0 * (1 - m0))
        if pull > 0:
            a = m0
        else:
            b = m0
    m0 = (a + b) / 2
    return m0 + delta, m0


def _kelly(past: Sequence[tuple[float, float]], most: float) -> float:
    """The stake in [0, most] that would have grown fastest: Newton's method, kept inside."""
    low, high = 0.0, most
    stake = most / 2
    for _ in range(8):
        slope = curve = 0.0
        for g, n in past:
            part = g / (1 + stake * g)
            slope += n * part
            curve -= n * part * part
        if slope > 0:
            low = stake
        else:
            high = stake
        wanted = stake - slope / curve if curve else most
        stake = wanted if low < wanted < high else (low + high) / 2
    return stake


def _add(total: dict[float, float], more: Values) -> None:
    for value, n in more.items():
        total[value] = total.get(value, 0.0) + n


def probability(evidence: float) -> float:
    """An always-valid p-value of the logarithm of a fortune."""
    return 1.0 if evidence <= 0 else exp(-evidence) if evidence < inf else 0.0
