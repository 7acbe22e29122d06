"""Noise for tests that think in intervals."""

from __future__ import annotations

from pennon.evaluation import Noise

Z_95 = 1.959963984540054


def noise(low: float, high: float) -> Noise:
    """The noise whose 95 % interval is [low, high]."""
    return Noise(center=(low + high) / 2, error=(high - low) / 2 / Z_95)
