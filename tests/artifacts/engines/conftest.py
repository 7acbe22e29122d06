"""Flights that never were: two words, numbers, some of them missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

ROWS = 1200


@pytest.fixture(scope="session")
def flights() -> pd.DataFrame:
    """1,200 rows; `delay` hangs on all columns, `late` is 0 or 1; `wind` is missing at times."""
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "origin": draw.choice(["EWR", "JFK", "LGA", "HPN"], ROWS, p=[0.4, 0.3, 0.28, 0.02]),
            "carrier": draw.choice(["AA", "B6", "DL"], ROWS),
            "month": draw.integers(1, 13, ROWS),
            "distance": draw.uniform(100, 3000, ROWS),
            "wind": draw.normal(10, 4, ROWS).round(3),
        }
    )
    frame["delay"] = 3 * (frame["origin"] == "EWR") + frame["month"] * frame["distance"] / 2000
    frame["delay"] += draw.normal(0, 2, ROWS) + frame["wind"] / 5
    frame["late"] = (frame["delay"] > 8).astype(int)
    frame.loc[draw.random(ROWS) < 0.1, "wind"] = np.nan
    return frame
