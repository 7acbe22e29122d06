"""A number and its noise: an interval at any level, from plain floats. Light: a promotion needs it.

An estimate is stored as centre, standard error and degrees of freedom, not as an interval: so gates
can be decided again at another level, when the holdout has been looked at more often.
"""

from __future__ import annotations

from math import atan, ceil, cos, pi, sin, sqrt
from statistics import NormalDist

import msgspec

_NORMAL = NormalDist()
_MANY = 200
"""Degrees of freedom from which on Student's t is as good as normal."""
POWER = 0.9
"""What "could have seen" means: in nine of ten such comparisons."""


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """Student's t (`df`), or the normal distribution where there is none, around `center`.

    `center` is where the interval lies, in the metric's unit: some methods shift it from the value.
    """

    center: float
    error: float  # standard error
    df: int | None = None

    def interval(self, confidence: float) -> tuple[float, float]:
        """Two-sided: (1 - confidence) / 2 lies beyond each end."""
        half = quantile((1 + confidence) / 2, self.df) * self.error
        return self.center - half, self.center + half

    def p_value(self, at: float = 0.0) -> float:
        """Two-sided, for the hypothesis that the truth is `at`."""
        if self.error == 0:
            return 1.0 if self.center == at else 0.0
        return _beyond(abs(self.center - at) / self.error, self.df)

    def detectable(self, confidence: float) -> float:
        """The smallest true difference that would have shown with a probability of 0.9."""
        return (quantile((1 + confidence) / 2, self.df) + quantile(POWER, None)) * self.error

    def enough(self, rows: int, confidence: float, at: float = 0.0) -> int | None:
        """Rows with which an interval around this centre would no longer hold `at`.

        The error falls with the root of the rows. None where the centre is `at` itself.
        """
        distance = abs(self.center - at)
        if distance == 0 or self.error == 0:
            return None
        half = quantile((1 + confidence) / 2, self.df) * self.error
        return ceil(rows * (half / distance) ** 2)


def quantile(probability: float, df: int | None) -> float:
    """Of Student's t, by the expansion around the normal quantile.

    Abramowitz and Stegun (1964), 26.7.5; off by less than 0.001 for df >= 10 and p <= 0.9995.
    """
    z = _NORMAL.inv_cdf(probability)
    if df is None:
        return z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(df) ** power for power, term in enumerate(terms, start=1))


def _beyond(t: float, df: int | None) -> float:
    """The probability that Student's t is farther from 0 than `t`.

    Exact up to `_MANY` degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), by the
    normal distribution beyond.
    """
    if df is None or df > _MANY:
        return 2 * (1 - _NORMAL.cdf(t))
    angle = atan(t / sqrt(df))
    square = cos(angle) ** 2
    odd = df % 2
    term = total = 0.0 if df == 1 else cos(angle) if odd else 1.0
    for k in range(2 + odd, df - 1, 2):
        term *= square * (k - 1) / k
        total += term
    within = 2 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return max(1 - within, 0.0)


def together(*parts: Noise) -> Noise:
    """The mean of independent estimates."""
    return Noise(
        center=sum(part.center for part in parts) / len(parts),
        error=sqrt(sum(part.error**2 for part in parts)) / len(parts),
    )
