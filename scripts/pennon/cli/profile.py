"""How `pennon data profile` looks: a table of columns, then the target and leaks of each model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pennon.cli.output import many, table
from pennon.config import Kind
from pennon.datasets.quality import ColumnQuality, Quality, Quartiles
from pennon.flows.profile import Balance, ModelProfile, Profiled
from pennon.report.markdown import plain
from pennon.report.numbers import share

MOST_VALUES = 3
DAYS = 3 * 86_400.0
HEADERS = ("COLUMN", "TYPE", "MISSING", "DISTINCT", "VALUES")


def text(found: list[Profiled]) -> str:
    """Quartiles of numbers (lowest, three, highest), the commonest labels with their shares."""
    return "\n\n".join("\n".join(_dataset(it)) for it in found)


def _dataset(it: Profiled) -> Iterator[str]:
    of = it.quality
    twice = (
        "no key column" if of.duplicate_keys is None else many(of.duplicate_keys, "duplicate key")
    )
    yield f"{it.dataset}: {many(of.rows, 'row')}, {twice}"
    yield from (f"  {_line(str(finding))}" for finding in it.findings)
    yield table(HEADERS, [_column(column, of) for column in of.columns])
    if of.left_out:
        yield f"and {many(of.left_out, 'more column')}"
    for model in it.models:
        yield from _model(model)


def _column(it: ColumnQuality, of: Quality) -> list[str]:
    found = it.profile
    return [
        plain(found.name),
        str(found.type),
        share(found.missing / of.rows) if found.missing else "none",
        f"{found.distinct:,}",
        _values(it, of.rows - found.missing),
    ]


def _values(it: ColumnQuality, present: int) -> str:
    if it.quartiles:
        return _quartiles(it.quartiles, it.profile.type)
    if it.profile.why:
        return f"not shown: {it.profile.why}"
    common = it.profile.labels.common if it.profile.labels else ()
    said = [f"{plain(name)} {share(rows / present)}" for name, rows in common[:MOST_VALUES]]
    return ", ".join(said) or "none that many rows share"


def _model(it: ModelProfile) -> Iterator[str]:
    yield f"{it.model}: target {plain(it.target)}" + (f", {it.why}" if it.why else "")
    for where, part in (("to train on", it.train), ("sealed", it.holdout)):
        if part:
            yield f"  {many(part.rows, 'row')} {where}: {_balance(part)}"
    yield from (f"  LEAK? {_line(leak)}" for leak in it.leaks)
    if it.probes and not it.leaks:
        yield "  no leak found"
    yield from (f"  {probe.name}: not looked for, {probe.why}" for probe in it.probes if probe.why)


def _balance(it: Balance) -> str:
    if it.positive is not None:
        return f"{it.positive:,} positive ({share(it.positive / it.rows)})"
    return _quartiles(it.quartiles, Kind.NUMBER) if it.quartiles else "no finite value"


def _quartiles(it: Quartiles, kind: Kind) -> str:
    values = (it.low, it.first, it.middle, it.third, it.high)
    if kind is not Kind.DATETIME:
        return " | ".join(f"{value:.6g}" for value in values)
    return " | ".join(_moment(value, it.high - it.low) for value in values)


def _moment(seconds: float, span: float) -> str:
    """A day, or the minute where days say little."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # a year that Python has not
        return f"{seconds:.6g}"
    return f"{moment:%Y-%m-%d}" if span > DAYS else f"{moment:%Y-%m-%d %H:%M}"


def _line(text: str) -> str:
    """One line, nothing unseen, not cut."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
