"""What a table looks like, without its rows: a profile of every column, and what two of them tell.

No value of a personal column is in it, none of a column that names rows, and no text that fewer
than FEWEST_ROWS rows share.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from pennon.config import Column, Dataset, Kind

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MOST_COLUMNS = 1_000
MOST_VALUES, FEWEST_ROWS, LONGEST_VALUE = 40, 10, 80
FEWEST_BINS = 16
"""Of a histogram, and at most twice as many; fewer where integers have no finer step than one."""


Bins = tuple[tuple[float, ...], tuple[str, ...], list[tuple[int, int]]]
"""Cuts of numbers, names of labels, and the rows in each bin: now, before."""

DEVIATIONS = 4
"""Beyond the mean of chance: of columns that did not move, one in a hundred is called news."""


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Values on a scale; moments are seconds since 1970 in UTC.

    `cuts` are multiples of a power of two: of two profiles, the finer one has every cut of the
    coarser, so they can be compared exactly. `rows` counts below the first cut, between each two
    (the lower cut belongs to the bin), and from the last one on.
    """

    low: float
    middle: float
    high: float
    cuts: tuple[float, ...]
    rows: tuple[int, ...]


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """The commonest values with their rows, and the rows of all others."""

    common: tuple[tuple[str, int], ...]
    others: int


class ColumnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """`why` says why a column has neither numbers nor labels."""

    name: str
    type: Kind
    missing: int
    distinct: int
    numbers: Numbers | None = None
    labels: Labels | None = None
    why: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """`left_out` counts columns beyond MOST_COLUMNS."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    left_out: int = 0


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One column now and before; `moved` is None where it came, went or changed its type.

    `moved` is the share of rows that would have to change their bin for both to look alike (total
    variation distance); two draws from one source hardly ever move further than `chance`.
    """

    name: str
    now: ColumnProfile | None = None
    before: ColumnProfile | None = None
    moved: float | None = None
    chance: float = 0.0
    shares: tuple[tuple[float, float], ...] = ()  # now and before, a pair for each bin
    cuts: tuple[float, ...] = ()  # between the bins of numbers
    names: tuple[str, ...] = ()  # of the bins of labels; the last bin has all others

    @property
    def is_news(self) -> bool:
        """A column that came or went or changed its type, or moved further than chance explains."""
        return self.moved is None or self.moved > self.chance


def profile(frame: pd.DataFrame, dataset: Dataset) -> Profile:
    """Of rows that keep the dataset's contract (`breaches` finds nothing)."""
    promised = dataset.contract.columns
    names = [name for name in promised if name in frame.columns]
    return Profile(
        rows=len(frame),
        columns=tuple(
            _column(frame[name], name, promised[name], names_rows=name in dataset.key)
            for name in names[:MOST_COLUMNS]
        ),
        left_out=max(0, len(names) - MOST_COLUMNS),
    )


def difference(now: Profile, before: Profile) -> tuple[Movement, ...]:
    """Every column of either: what came or went, then other news, then what moved most."""
    ours = {column.name: column for column in now.columns}
    theirs = {column.name: column for column in before.columns}
    found = [
        _movement(name, (ours.get(name), now.rows), (theirs.get(name), before.rows))
        for name in {**ours, **theirs}
    ]
    return tuple(
        sorted(found, key=lambda it: (it.moved is not None, not it.is_news, -(it.moved or 0)))
    )


def _column(values: pd.Series, name: str, promise: Column, *, names_rows: bool) -> ColumnProfile:
    present = values.dropna()
    found = ColumnProfile(
        name=name,
        type=promise.type,
        missing=len(values) - len(present),
        distinct=int(present.nunique()),
    )
    if promise.personal:
        return msgspec.structs.replace(found, why="personal")
    if names_rows or promise.unique:
        return msgspec.structs.replace(found, why="names rows")
    if promise.type in {Kind.STRING, Kind.BOOLEAN}:
        return msgspec.structs.replace(found, labels=_labels(present))
    return msgspec.structs.replace(found, numbers=_numbers(floats(present), promise.type))


def _labels(present: pd.Series) -> Labels:
    counts = present.value_counts()
    common = [
        (_shortened(str(value)), int(rows))
        for value, rows in counts.head(MOST_VALUES).items()
        if rows >= FEWEST_ROWS
    ]
    return Labels(common=tuple(common), others=len(present) - sum(rows for _, rows in common))


def floats(present: pd.Series) -> NDArray[np.float64]:
    """The finite values; of moments, seconds."""
    import numpy as np  # noqa: PLC0415  only where there are rows
    import pandas.api.types as kinds  # noqa: PLC0415  the same

    if kinds.is_datetime64_any_dtype(present):
        present = present.astype("datetime64[us, UTC]").astype("int64") / 1e6
    values = present.to_numpy(dtype=np.float64)
    finite: NDArray[np.float64] = values[np.isfinite(values)]
    return finite


def _numbers(values: NDArray[np.float64], kind: Kind) -> Numbers | None:
    import numpy as np  # noqa: PLC0415  only where there are rows

    if not values.size:
        return None
    low, first, middle, last, high = np.percentile(values, (0, 1, 50, 99, 100))
    cuts = _cuts((first, last) if last > first else (low, high), whole=kind is Kind.INTEGER)
    place = np.searchsorted(cuts, values, side="right")
    return Numbers(
        low=float(low),
        middle=float(middle),
        high=float(high),
        cuts=tuple(cuts),
        rows=tuple(map(int, np.bincount(place, minlength=len(cuts) + 1))),
    )


def _cuts(ends: tuple[float, float], *, whole: bool) -> list[float]:
    """Multiples of the largest power of two that makes FEWEST_BINS of this span."""
    low, high = ends
    width = high / FEWEST_BINS - low / FEWEST_BINS  # divided first: the span may be no float
    if width < sys.float_info.min:
        return []
    power = math.floor(math.log2(width))
    step = 2.0 ** (max(power, 0) if whole else power)
    return sorted(
        {k * step for k in range(math.floor(low / step) + 1, math.floor(high / step) + 1)}
    )


def _movement(
    name: str, now: tuple[ColumnProfile | None, int], before: tuple[ColumnProfile | None, int]
) -> Movement:
    (ours, rows), (theirs, rows_before) = now, before
    if ours is None or theirs is None or ours.type is not theirs.type:
        return Movement(name=name, now=ours, before=theirs)
    present = (rows - ours.missing, rows_before - theirs.missing)
    cuts, names, bins = _bins(ours, theirs) or ((), (), [present])
    pairs = [(ours.missing, theirs.missing), *bins]
    shares = [(a / max(rows, 1), b / max(rows_before, 1)) for a, b in pairs]
    return Movement(
        name=name,
        now=ours,
        before=theirs,
        moved=sum(abs(a - b) for a, b in shares) / 2,
        chance=_chance(shares, rows, rows_before),
        shares=tuple(shares[1:]),
        cuts=cuts,
        names=names,
    )


def _bins(ours: ColumnProfile, theirs: ColumnProfile) -> Bins | None:
    """Rows of both in bins that both know; None where values are not shown."""
    if ours.numbers and theirs.numbers:
        cuts = sorted({*ours.numbers.cuts} & {*theirs.numbers.cuts})
        pairs = (_merged(ours.numbers, cuts), _merged(theirs.numbers, cuts))
        return tuple(cuts), (), list(zip(*pairs, strict=True))
    if ours.labels and theirs.labels:
        a, b = dict(ours.labels.common), dict(theirs.labels.common)
        names = list(dict.fromkeys([*_known(a, b, theirs.labels), *_known(b, a, ours.labels)]))
        pairs = (_counts(a, names, ours.labels), _counts(b, names, theirs.labels))
        return (), tuple(names), list(zip(*pairs, strict=True))
    return None


def _known(a: Mapping[str, int], b: Mapping[str, int], other: Labels) -> Iterator[str]:
    """Values of `a` whose rows in the other profile are known: among its commonest, or none."""
    return (name for name in a if name in b or not other.others)


def _counts(common: Mapping[str, int], names: Sequence[str], of: Labels) -> list[int]:
    named = [common.get(name, 0) for name in names]
    return [*named, sum(common.values()) + of.others - sum(named)]


def _merged(numbers: Numbers, cuts: Sequence[float]) -> list[int]:
    """The rows between the cuts that are kept."""
    kept, found = set(cuts), [numbers.rows[0]]
    for cut, rows in zip(numbers.cuts, numbers.rows[1:], strict=True):
        if cut in kept:
            found.append(rows)
        else:
            found[-1] += rows
    return found


def _chance(shares: Sequence[tuple[float, float]], n: int, m: int) -> float:
    """Mean and DEVIATIONS standard deviations of the distance between two draws from one source.

    Each bin's difference is normal with the variance v = p (1 - p) (1/n + 1/m), so that its size
    has the mean sqrt(2 v / pi) and the variance v (1 - 2 / pi); bins are taken as independent.
    """
    if not (n and m):
        return 1.0
    pooled = [(a * n + b * m) / (n + m) for a, b in shares]
    spread = [share * max(1 - share, 0.0) * (1 / n + 1 / m) for share in pooled]
    mean = sum(map(math.sqrt, spread)) * math.sqrt(2 / math.pi)
    deviation = math.sqrt(sum(spread) * (1 - 2 / math.pi))
    return (mean + DEVIATIONS * deviation) / 2


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
