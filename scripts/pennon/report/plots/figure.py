"""A chart as a page shows it: a title, what to look for, the picture, and its numbers."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from pennon.report.view import View

CANDIDATE, CHAMPION = "candidate", "champion"
"""Names of the colours; each model keeps its own in every chart."""


class Table(View, frozen=True, kw_only=True):
    """The numbers of a chart as text; the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0  # rows that are not shown


class Figure(View, frozen=True, kw_only=True):
    """`key` lists the models that it shows, for the legend."""

    id: str
    title: str
    says: str
    svg: Markup
    table: Table
    key: tuple[str, ...] = ()


def models(*, champion: object) -> tuple[str, ...]:
    return (CANDIDATE, CHAMPION) if champion is not None else (CANDIDATE,)


def bounded(table: Table, most: int) -> Table:
    if len(table.rows) <= most:
        return table
    return msgspec.structs.replace(table, rows=table.rows[:most], more=len(table.rows) - most)
