"""The data profile: a row for each column, and how it differs from that of the champion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from markupsafe import Markup

from pennon.config import Kind
from pennon.datasets.profile import ColumnProfile, Movement, Numbers, Profile, difference
from pennon.report.numbers import MISSING, count, places, share, value
from pennon.report.plots.figure import CANDIDATE, CHAMPION
from pennon.report.plots.histogram import small
from pennon.report.view import View

MOST_COLUMNS, MOST_LABELS = 60, 16
DAY = 86_400


class ColumnRow(View, frozen=True, kw_only=True):
    """One column in words. `before` has the champion's side, where it differs."""

    name: str
    type: str
    missing: str
    distinct: str
    values: tuple[str, ...]
    picture: Markup
    moved: str = ""
    is_news: bool = False
    before: tuple[str, ...] = ()


class DataView(View, frozen=True, kw_only=True):
    """`more` columns are not shown. `rows_before` only where there is a champion's profile."""

    rows: int
    columns: tuple[ColumnRow, ...]
    more: int
    news: int = 0
    rows_before: int | None = None


def data_view(now: Profile, before: Profile | None) -> DataView:
    """With a champion's profile what moved most comes first, else the contract's order."""
    compared = difference(now, before) if before else _alone(now)
    rows = [_row(it, now.rows, before.rows if before else 0) for it in compared[:MOST_COLUMNS]]
    return DataView(
        rows=now.rows,
        columns=tuple(rows),
        more=len(compared) - len(rows) + now.left_out,
        news=sum(it.is_news for it in compared) if before else 0,
        rows_before=before.rows if before else None,
    )


def _alone(now: Profile) -> tuple[Movement, ...]:
    return tuple(Movement(name=it.name, now=it) for it in now.columns)


def _row(it: Movement, rows: int, rows_before: int) -> ColumnRow:
    column = it.now or it.before
    assert column is not None  # noqa: S101  a movement is of a column that one side has
    of = rows if it.now else rows_before
    return ColumnRow(
        name=it.name,
        type=str(column.type),
        missing=share(column.missing / max(of, 1)),
        distinct=count(column.distinct),
        values=_values(column, of),
        picture=_picture(it, of) if it.now else Markup(),
        moved=_moved(it, compared=bool(rows_before)),
        is_news=bool(rows_before) and it.is_news,
        before=tuple(_before(it, rows, rows_before)),
    )


def _moved(it: Movement, *, compared: bool) -> str:
    if not compared:
        return ""
    if it.now is None:
        return "gone"
    if it.before is None:
        return "new"
    if it.moved is None:
        return f"was {it.before.type}"
    return f"{share(it.moved)} (chance {share(it.chance)})"


def _before(it: Movement, rows: int, rows_before: int) -> Iterator[str]:
    """What was another number then, of a column that is worth a look."""
    if it.now is None or it.before is None or not it.is_news:
        return
    was, now = it.before.missing / rows_before, it.now.missing / max(rows, 1)
    if share(was) != share(now):
        yield f"missing was {share(was)}"
    if it.before.distinct != it.now.distinct:
        yield f"distinct was {count(it.before.distinct)}"
    values = _values(it.before, rows_before)
    if values != _values(it.now, rows):
        yield f"was {' · '.join(values)}"


def _values(column: ColumnProfile, rows: int) -> tuple[str, ...]:
    """Least, middle and largest number, or the commonest labels with their shares."""
    if column.numbers:
        return tuple(_numbers(column.numbers, column.type))
    if column.labels and column.labels.common:
        common = column.labels.common[:3]
        return tuple(f"{name} {share(found / max(rows, 1))}" for name, found in common)
    return (f"not shown: {column.why}" if column.why else MISSING,)


def _numbers(of: Numbers, kind: Kind) -> list[str]:
    found = (of.low, of.middle, of.high)
    if kind is Kind.DATETIME:
        return [_moment(it, of.high - of.low) for it in found]
    digits = 0 if all(it == round(it) for it in found) else places(found)
    return [value(it, digits) for it in found]


def _moment(seconds: float, span: float) -> str:
    """A day, or the minute where days say little."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.6g}"
    return f"{moment:%Y-%m-%d}" if span > 3 * DAY else f"{moment:%Y-%m-%d %H:%M}"


def _picture(it: Movement, rows: int) -> Markup:
    """Now, and before it in the bins that both know; nothing where no value is shown."""
    now = it.now
    assert now is not None  # noqa: S101  the caller has looked
    if it.moved is not None and len(it.shares) > 1:
        names, shares = _compared(it, now)
    elif now.numbers:
        names = _intervals(now.numbers.cuts, now.type)
        shares = {CANDIDATE: [n / rows for n in now.numbers.rows]}
    elif now.labels and now.labels.common:
        common = now.labels.common[:MOST_LABELS]
        names = [name for name, _ in common]
        shares = {CANDIDATE: [n / rows for _, n in common]}
    else:
        return Markup()
    return small(shares, names, label=f"distribution, {len(names)} bins")


def _compared(it: Movement, now: ColumnProfile) -> tuple[list[str], dict[str, list[float]]]:
    """The bins that both know; of labels the commonest, without all others."""
    if now.numbers:
        names, pairs = _intervals(it.cuts, now.type), it.shares
    else:
        names = list(it.names[:MOST_LABELS])
        pairs = it.shares[: len(names)]
    return names, {CANDIDATE: [a for a, _ in pairs], CHAMPION: [b for _, b in pairs]}


def _intervals(cuts: Sequence[float], kind: Kind) -> list[str]:
    """What each bin holds."""
    if not cuts:
        return ["all"]
    span = cuts[-1] - cuts[0]
    digits = 0 if all(it == round(it) for it in cuts) else places(cuts, cuts[:2])
    named = [_moment(it, span) if kind is Kind.DATETIME else value(it, digits) for it in cuts]
    between = [f"from {a} to below {b}" for a, b in pairwise(named)]
    return [f"below {named[0]}", *between, f"{named[-1]} and more"]
