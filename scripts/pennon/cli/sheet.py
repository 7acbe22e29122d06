"""How `pennon audit --format csv` looks: no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

_RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


def line(row: Sequence[str]) -> str:
    """One row, without its line end."""
    text = io.StringIO()
    # A cell is quoted for the characters of the line end, too: a reason may have several lines.
    csv.writer(text, lineterminator="\r\n").writerow([plain(cell) for cell in row])
    return text.getvalue().removesuffix("\r\n")


def plain(cell: str) -> str:
    """What people wrote in a reason must stay text in the spreadsheet of whoever audits them."""
    return f"'{cell}" if cell.startswith(_RUNS) else cell
