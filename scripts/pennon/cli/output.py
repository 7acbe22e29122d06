"""How results look: aligned tables for people, JSON with the same facts for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
import msgspec


def emit(value: Any, text: str, *, json: bool) -> None:  # noqa: ANN401  any record
    """The result on standard output."""
    if json:
        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
    elif text:
        click.echo(text)


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the headers bold where a terminal is watching."""
    cells = [list(headers), *(list(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([click.style(lines[0], bold=True), *lines[1:]])


def many(number: int, noun: str) -> str:
    """`1 model`, `2 models`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def steps(lines: Iterable[str]) -> str:
    """What a dry run would do."""
    return "\n".join(f"would {line}" for line in lines) or "nothing to do"
