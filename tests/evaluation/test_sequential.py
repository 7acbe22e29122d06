"""Bets against a difference: never right by chance, whatever the shares and rates do."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from math import exp, inf, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.evaluation.sequential import Block, Pairs, interval, mean, refuted, rounds
from pennon.evaluation.units import Unit, blocks, level, pairs, uneven

RATES = st.floats(0.01, 0.99)


def units(number: int, share: float, rates: tuple[float, float], seed: int) -> Iterator[Unit]:
    """`rates` are those of live and challenger."""
    draw = random.Random(seed)  # noqa: S311  lots for a test
    for _ in range(number):
        arm = draw.random() < share
        yield Unit(share, arm, float(draw.random() < rates[arm]))


@settings(max_examples=400, deadline=None)
@given(st.floats(0.01, 0.99), RATES, RATES, st.floats(-0.9, 0.9), st.sampled_from([max, min]))
def test_a_bet_on_the_next_unit_is_fair_or_worse_where_the_claim_is_true(
    share: float,
    live: float,
    challenger: float,
    delta: float,
    side: Callable[[float, float], float],
) -> None:
    """The heart of the proof: over the four things that may come next it wins nothing."""
    rate = min(0.999, max(0.001, live + (delta if abs(live + delta - 0.5) < 0.499 else 0.0)))
    claim = side(delta, rate - live)
    past = [Block(share, {1.0: 5 * live, 0.0: 5 - 5 * live}, {1.0: 3 * challenger, 0.0: 1.0})]
    expected = 0.0
    for arm, chance in ((True, share), (False, 1 - share)):
        for value, p in ((1.0, rate if arm else live), (0.0, 1 - (rate if arm else live))):
            new = Block(share, {} if arm else {value: 1.0}, {value: 1.0} if arm else {})
            won = refuted(rounds([*past, new])[1:], claim, above=side is max)
            expected += chance * p * exp(won)
    assert expected <= 1 + 1e-6


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=6), st.floats(-0.95, 0.95))
def test_a_bet_on_the_next_pair_is_fair_or_worse(values: list[float], delta: float) -> None:
    middle = sum(values) / len(values)
    claim = max(middle, delta)
    if claim >= 1:
        return
    past = Pairs({1.0: 3.0, 0.0: 5.0})
    fortunes = [
        exp(refuted(rounds([past, Pairs({z: 1.0})])[1:], claim, above=True)) for z in values
    ]
    assert sum(fortunes) / len(fortunes) <= 1 + 1e-9


@pytest.mark.parametrize("share", [0.5, 0.05])
def test_equal_arms_are_seldom_ever_told_apart(share: float) -> None:
    """A look after every twentieth more, in 200 histories: at alpha 10 % some 20 may err."""
    wanted = log(2 / 0.1)
    wrong = 0
    for seed in range(200):
        found = rounds(blocks(units(2000, share, (0.05, 0.05), seed)))
        for above in (True, False):
            fortune = highest = 0.0
            for it in found:
                fortune += refuted([it], 0.0, above=above)
                highest = max(highest, fortune)
            wrong += highest >= wanted
    assert wrong <= 20


def test_a_rate_that_rises_while_the_share_grows_is_no_difference() -> None:
    """Pooled rates differ by 4 points here: most of the challenger's requests are late ones."""
    early, late = units(3000, 0.1, (0.01, 0.01), 1), units(3000, 0.9, (0.09, 0.09), 2)
    low, high = interval(rounds(blocks([*early, *late])), 0.05)
    assert low < 0 < high


@pytest.mark.parametrize(
    ("rates", "number"), [((0.01, 0.5), 3000), ((0.3, 0.1), 3000), ((0.05, 0.05), 20_000)]
)
def test_an_interval_holds_the_difference_and_grows_narrow(
    rates: tuple[float, float], number: int
) -> None:
    truth = rates[1] - rates[0]
    few = interval(rounds(blocks(units(100, 0.3, rates, 5))), 0.05)
    many = interval(rounds(blocks(units(number, 0.3, rates, 5))), 0.05)
    assert few[0] <= truth <= few[1]
    assert many[0] <= truth <= many[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.3, 0.5]), RATES, RATES)
def test_what_is_farther_away_is_refuted_more(
    seed: int, share: float, live: float, challenger: float
) -> None:
    """So the deltas that are not refuted are an interval."""
    found = rounds(blocks(units(400, share, (live, challenger), seed)))
    deltas = [-0.95 + 0.1 * i for i in range(20)]
    fortunes = [refuted(found, delta, above=True) for delta in deltas]
    certain = [fortune >= log(2 / 0.05) for fortune in fortunes]
    assert certain == sorted(certain, reverse=True)


def test_nothing_is_known_of_nothing() -> None:
    assert interval([], 0.05) == (-1.0, 1.0)


def test_values_between_0_and_1_are_told_apart_by_their_own_spread() -> None:
    """Twenty times less variance than 0 and 1 with the same mean: a narrower interval."""
    draw = random.Random(3)  # noqa: S311
    calm = [
        Unit(0.5, i % 2 == 0, level(0.5 + draw.uniform(-0.1, 0.1), draw.random()))
        for i in range(2000)
    ]
    wild = [it._replace(value=float(draw.random() < 0.5)) for it in calm]
    narrow, wide = (interval(rounds(blocks(it)), 0.05) for it in (calm, wild))
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 4


def test_pairs_see_what_two_arms_do_not() -> None:
    """The same mistakes in both: only where they differ counts."""
    draw = random.Random(4)  # noqa: S311
    lots = [(draw.random() < 0.3, draw.random() < 0.02) for _ in range(3000)]
    paired = [Unit(1.0, challenger=False, value=float(extra)) for _, extra in lots]
    split = [
        Unit(0.5, i % 2 == 0, float(both or (extra and i % 2 == 0)))
        for i, (both, extra) in enumerate(lots)
    ]
    assert interval(rounds(pairs(paired)), 0.05)[0] > 0.005
    assert interval(rounds(blocks(split)), 0.05)[0] < 0


@given(st.floats(-1, 1), st.integers(0, 999))
def test_a_level_is_next_to_its_value(value: float, chance: int) -> None:
    assert abs(level(value, chance / 1000) - value) <= 1 / 64


@given(st.floats(0, 1))
def test_levels_keep_the_mean(value: float) -> None:
    chances = [(i + 0.5) / 1024 for i in range(1024)]
    found = [level(value, chance) for chance in chances]
    assert sum(found) / len(found) == pytest.approx(value, abs=1e-4)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5]), st.booleans()), max_size=200))
def test_blocks_hold_every_unit_once(given_: list[tuple[float, bool]]) -> None:
    found = list(blocks(Unit(share, arm, 1.0) for share, arm in given_))
    for share in (0.1, 0.5):
        ours = [it for it in found if it.share == share]
        told = sum(sum(it.live.values()) + sum(it.challenger.values()) for it in ours)
        assert told == sum(share == wanted for wanted, _ in given_)


def test_a_block_grows_with_what_is_known() -> None:
    found = list(blocks(units(100_000, 0.5, (0.1, 0.1), 6)))
    assert 150 < len(found) < 400


def test_a_split_that_is_kept_is_seldom_called_uneven() -> None:
    wrong = 0
    for seed in range(300):
        draw = random.Random(seed)  # noqa: S311
        ours, highest = 0, -inf
        for n in range(1, 1001):
            ours += draw.random() < 0.1
            if n % 20 == 0:
                highest = max(highest, uneven([(0.1, ours, n - ours)]))
        wrong += highest >= log(1 / 0.05)
    assert wrong <= 15


def test_a_split_that_is_not_kept_is_found() -> None:
    assert uneven([(0.5, 5_200, 4_800)]) > log(1 / 0.01)
    assert uneven([(0.01, 100, 9_900)]) < 0


def test_the_mean_counts_units() -> None:
    assert mean({0.0: 3, 1.0: 1}) == 0.25
