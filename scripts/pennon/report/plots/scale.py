"""From numbers to places, and which numbers stand beside an axis."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from pennon.report.numbers import value

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Scale(msgspec.Struct, frozen=True):
    """Linear: `low` lies at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)


def span(values: Iterable[float], *, room: float = 0.05) -> tuple[float, float]:
    """From the least to the largest value with some room beside; never empty."""
    known = [number for number in values if math.isfinite(number)] or [0.0]
    low, high = min(known), max(known)
    extra = (high - low) * room or abs(high) * room or 1.0
    return low - extra, high + extra


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between the ends, at most `most` of them (Heckbert 1990)."""
    rough = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in STEPS if step * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def tick_labels(numbers: list[float], *, signed: bool = False) -> list[str]:
    """With as many decimals as their step needs; zero with none."""
    step = min((b - a for a, b in pairwise(numbers)), default=1.0)
    decimals = next((d for d in range(9) if abs(round(step, d) - step) < step * 1e-6), 9)
    plus = "+" if signed else ""
    return [
        (plus if number > 0 else "") + value(number, decimals if number else 0)
        for number in numbers
    ]
