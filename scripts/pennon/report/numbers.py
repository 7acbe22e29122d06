"""How numbers look in reports: one place, no locale, never more or less than was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pennon.report.view import MetricRow

NARROW = "\u202f"
"""The narrow no-break space between thousands and before a unit."""

MISSING = "—"
STEPS, MOST_PLACES = 5, 6


def count(number: float | None) -> str:
    """`12 480`."""
    return MISSING if number is None else _plain(f"{number:,.0f}")


def value(number: float | None, places: int) -> str:
    """`0.874`, with a real minus sign."""
    return MISSING if number is None else _plain(f"{number:,.{places}f}")


def signed(number: float | None, places: int) -> str:
    """`+0.007`. The sign of a number that rounds to zero stays: it is what was measured."""
    if number is None:
        return MISSING
    return _plain(f"{number:+,.{places}f}") if number else value(0.0, places)


def share(number: float | None) -> str:
    """A share of one in percent: `8.1 %`, `0.042 %`, `100 %`."""
    if number is None:
        return MISSING
    return f"{_plain(f'{_short(number * 100):g}')}{NARROW}%"


def level(confidence: float | None) -> str:
    """How sure an interval is: `95 %`, `99.75 %`."""
    return MISSING if confidence is None else f"{confidence * 100:.4g}{NARROW}%"


def look(number: float) -> str:
    """Looks at a holdout that has grown are no whole numbers: `3`, `3.4`."""
    return f"{round(number, 1):g}"


def rounded(number: int) -> str:
    """Two digits of a number that is an estimate: `6 200`."""
    return count(float(f"{number:.2g}"))


def growth(old: float, new: float) -> str:
    """`+4.2 %`, or what happened where a percentage says nothing."""
    if old == new:
        return "same"
    if not old:
        return f"+{count(new)}"
    return _plain(f"{_short((new - old) / old * 100):+g}") + f"{NARROW}%"


def seconds(number: float) -> str:
    """`41 s`, `2 min 5 s`."""
    if number < 10:  # noqa: PLR2004  tenths only tell something where there are few seconds
        return f"{number:.1f}{NARROW}s"
    minutes, rest = divmod(round(number), 60)
    return f"{minutes}{NARROW}min {rest}{NARROW}s" if minutes else f"{rest}{NARROW}s"


def size(number: int) -> str:
    """Bytes as people say them, in powers of ten."""
    for unit, power in (("GB", 9), ("MB", 6), ("kB", 3)):
        if number >= 10**power:
            return f"{_short(number / 10**power):g}{NARROW}{unit}"
    return f"{number} bytes"


def power(number: float) -> str:
    """`2e-16`: how small something is."""
    return _plain(f"{number:.0e}") if number else "0"


def cost(number: float | None, unit: str) -> str:
    """Bytes, or seconds that are mostly parts of one: `0.8 MB`, `24.3 ms`."""
    if number is None:
        return MISSING
    if unit == "bytes":
        return size(round(number))
    if number < 1:
        return f"{_short(number * 1000):g}{NARROW}ms"
    return seconds(number)


def places(
    values: Iterable[float | None],
    bounds: Iterable[float | None] = (),
    limits: Iterable[float | None] = (),
) -> int:
    """How many decimals the numbers of one row get.

    Three digits of the values, at least STEPS steps across the interval `bounds`, and enough that
    no bound or value is printed as a limit which it only came close to.
    """
    real, ends = _finite(values), _finite(bounds)
    most = max(map(abs, real), default=0.0)
    wanted = 3 if most < 10 else 2 if most < 100 else 1  # noqa: PLR2004
    width = max(ends) - min(ends) if ends else 0.0
    if width > 0:
        wanted = max(wanted, math.ceil(math.log10(STEPS / width)))
    near = [(number, limit) for limit in _finite(limits) for number in (*real, *ends)]
    while wanted < MOST_PLACES and any(_looks_equal(*pair, wanted) for pair in near):
        wanted += 1
    return min(wanted, MOST_PLACES)


def row_places(row: MetricRow) -> int:
    """The decimals of a metric's row: zero and the gates' limits stay distinguishable."""
    it = row.scores
    limits = [0.0, *(gate.limit for gate in row.gates)]
    values = [it.candidate, it.reference, it.candidate_low, it.candidate_high]
    return places(values, [it.low, it.high], limits)


def short_digest(digest: str) -> str:
    """The first twelve hex digits: enough to compare by eye."""
    return digest.removeprefix("sha256:")[:12]


def short_commit(commit: str) -> str:
    return commit[:7]


def moment(timestamp: str) -> str:
    """`2026-11-21T14:02:09Z` -> `2026-11-21 14:02 UTC`."""
    return f"{timestamp[:16].replace('T', ' ')} UTC" if timestamp.endswith("Z") else timestamp


def _looks_equal(number: float, limit: float, decimals: int) -> bool:
    return number != limit and round(number, decimals) == round(limit, decimals)


def _finite(numbers: Iterable[float | None]) -> list[float]:
    return [number for number in numbers if number is not None and math.isfinite(number)]


def _short(number: float) -> float:
    """One decimal, two digits below one, none from a thousand on."""
    size = abs(number)
    if not size or not math.isfinite(number):
        return number
    if size < 1:
        return round(number, 1 - math.floor(math.log10(size)))
    return round(number, 1 if size < 1000 else 0)  # noqa: PLR2004


def _plain(text: str) -> str:
    return text.replace(",", NARROW).replace("-", "−")
