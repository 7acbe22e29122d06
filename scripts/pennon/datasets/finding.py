"""One thing that is wrong with data, for people and programs."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """`code` is for programs: below-min, missing-column …; `rows` counts those concerned."""

    code: str
    column: str
    what: str
    rows: int = 0
    example: str = ""

    def __str__(self) -> str:
        rows = f" in {self.rows} rows" if self.rows else ""
        example = f", for example {self.example}" if self.example else ""
        return f"{self.column}: {self.what}{rows}{example} [{self.code}]"
