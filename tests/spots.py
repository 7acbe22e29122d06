"""What a search for weak spots has found, with the bookkeeping that no test is about."""

from __future__ import annotations

from pennon.config import Against
from pennon.evaluation.insight import Discovery, Weakness


def discovery(
    *off: Weakness,
    worse: tuple[Weakness, ...] = (),
    rows: int = 500,
    searched: int = 40,
    columns: int = 3,
    method: str = "All figures come from the other half.",
    confidence: float = 0.95,
) -> Discovery:
    return Discovery(
        against=Against.CHAMPION,
        loss="log_loss",
        rows=rows,
        searched=searched,
        columns=columns,
        left_out=0,
        confidence=confidence,
        seed=42,
        seconds=0.1,
        method=method,
        off=off,
        worse=worse,
    )
