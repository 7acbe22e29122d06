"""What a page draws, for tests: predictions, tables of rows, and names that mean harm."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pennon.config import Column, Contract, Dataset, Kind, Task
from pennon.datasets.profile import Profile, profile
from pennon.evaluation.curves import curves
from pennon.report.exhibits import Exhibits

ROWS = 4507
Floats = NDArray[np.float64]
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</title></style></script><h1>",
    "{{ 7 * 7 }}",
    "x" * 500,
    "مرحبا \u202eevil\u202c",
    "a\nb\tc",
    "`|*_[x](javascript:alert(1))",
)


def predictions(rows: int = ROWS, *, noise: float = 1.0) -> tuple[Floats, Floats, Floats]:
    """Truth, and probabilities of a candidate and of a champion that knows less; each (n,)."""
    generator = np.random.default_rng(4)
    logit = generator.normal(-1.4, 1.1, rows)
    truth = (generator.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.float64)
    ours = 1 / (1 + np.exp(-logit * 0.8 - generator.normal(0, 0.5 * noise, rows)))
    theirs = 1 / (1 + np.exp(-logit * 1.2 - generator.normal(0, 1.1 * noise, rows)))
    return truth, ours, theirs


def flights(rows: int = 3000, *, seed: int = 1, late: float = 0.0) -> tuple[pd.DataFrame, Dataset]:
    """A table with a column of each kind, one personal; `late` moves the delays."""
    generator = np.random.default_rng(seed)
    pressure = generator.normal(1017, 8, rows).round(1)
    pressure[generator.random(rows) < 0.1] = np.nan
    frame = pd.DataFrame(
        {
            "flight_id": [f"f-{i}" for i in range(rows)],
            "month": generator.integers(1, 13, rows),
            "origin": generator.choice(["EWR", "JFK", "LGA"], rows),
            "carrier": generator.choice(["UA", "B6", "EV", "9E"], rows, p=[0.5, 0.3, 0.19, 0.01]),
            "pressure": pressure,
            "delay": (generator.exponential(20, rows) - 9 + late).round(),
            "seat": generator.integers(1, 30, rows),
            "night": generator.random(rows) < 0.2,
            "scheduled": pd.Timestamp("2013-01-01", tz="UTC")
            + pd.to_timedelta(generator.integers(0, 364 * 24, rows), unit="h"),
        }
    )
    kinds = {
        "flight_id": Column(type=Kind.STRING),
        "month": Column(type=Kind.INTEGER),
        "origin": Column(type=Kind.STRING),
        "carrier": Column(type=Kind.STRING),
        "pressure": Column(type=Kind.NUMBER, missing=0.2),
        "delay": Column(type=Kind.NUMBER),
        "seat": Column(type=Kind.INTEGER, personal=True),
        "night": Column(type=Kind.BOOLEAN),
        "scheduled": Column(type=Kind.DATETIME),
    }
    return frame, Dataset(source="x.csv", key=("flight_id",), contract=Contract(columns=kinds))


def profiles() -> tuple[Profile, Profile]:
    """Of today, and of the champion's rows: fewer, with shorter delays."""
    return profile(*flights(late=5)), profile(*flights(2600, seed=2))


def classification() -> Exhibits:
    now, before = profiles()
    found = curves(Task.CLASSIFICATION, *predictions(), threshold=0.5)
    return Exhibits(curves=found, profile=now, before=before)


def regression() -> Exhibits:
    generator = np.random.default_rng(9)
    truth = generator.gamma(2, 20, ROWS) - 30
    ours = truth * 0.6 + 4 + generator.normal(0, 8 + np.abs(truth) / 6, ROWS)
    theirs = truth * 0.4 + 9 + generator.normal(0, 12, ROWS)
    found = curves(Task.REGRESSION, truth, ours, theirs)
    return Exhibits(curves=found, profile=profiles()[0], unit="arr_delay")


def hostile() -> Exhibits:
    """Columns, labels and the target's name mean harm."""
    frame = pd.DataFrame({name: [HOSTILE[i - 1]] * 40 for i, name in enumerate(HOSTILE)})
    promised = {name: Column(type=Kind.STRING) for name in HOSTILE}
    found = Dataset(source="x.csv", key=("id",), contract=Contract(columns=promised))
    seen = profile(frame, found)
    return Exhibits(curves=regression().curves, profile=seen, before=seen, unit=HOSTILE[0])
