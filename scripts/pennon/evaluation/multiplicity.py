"""Many tests at once: which error each may spend, so that all together keep theirs. Pure, light."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float], error: float) -> list[float]:
    """The error that each test may spend, in the order given (Holm 1979).

    A test whose p-value is at most its share is a finding; the chance of one false finding among
    all is at most `error`, whatever the tests have to do with each other.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    shares = [0.0] * len(p_values)
    left = len(p_values)
    stopped = False
    for i in order:
        shares[i] = error / left
        stopped = stopped or p_values[i] > shares[i]
        left -= not stopped
    return shares


def findings(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which tests are findings, so that at most `rate` of the findings are false on average.

    Benjamini and Hochberg (1995); sound where the tests are independent or agree with each other.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    within = [p_values[i] <= rate * (rank + 1) / len(order) for rank, i in enumerate(order)]
    last = max((rank for rank, it in enumerate(within) if it), default=-1)
    found = {i for rank, i in enumerate(order) if rank <= last}
    return [i in found for i in range(len(order))]
