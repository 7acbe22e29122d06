from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from pennon.config import Task
from pennon.evaluation.aspects import Probe, Probes
from pennon.evaluation.probes import Limits, Suspect, probe
from pennon.evaluation.strength import strength

INPUTS = ("age", "spend", "plan", "shop", "joined")
CHURN = Suspect(
    task=Task.CLASSIFICATION, target="left", inputs=INPUTS, key=("id",), time="at", seed=1
)
PRICE = msgspec.structs.replace(CHURN, task=Task.REGRESSION, target="price")
Frames = tuple[pd.DataFrame, pd.DataFrame]


def customers(rows: int = 6000, seed: int = 1) -> Frames:
    """Clean: numbers, a text of few and one of many values, a date before the prediction."""
    generator = np.random.default_rng(seed)
    at = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows), unit="h")
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "at": at,
            "age": generator.integers(18, 90, rows),
            "spend": generator.normal(100, 30, rows),
            "plan": generator.choice(["basic", "plus", "pro"], rows),
            "shop": [f"shop {i}" for i in generator.integers(0, rows // 3, rows)],
            "joined": at - pd.to_timedelta(generator.integers(1, 900, rows), unit="D"),
        }
    )
    logit = (frame["spend"] - 100) / 15
    frame["left"] = (generator.random(rows) < 1 / (1 + np.exp(logit))).astype(int)
    frame["price"] = frame["spend"] * 2 + generator.normal(0, 40, rows)
    sealed = generator.random(rows) < 0.25
    return frame[~sealed].copy(), frame[sealed].copy()


def named(found: Probes, name: str) -> Probe:
    return next(it for it in found.probes if it.name == name)


def planted(name: str, column: Callable[[pd.DataFrame], Any], it: Suspect = CHURN) -> Probes:
    """What is found where both parts get one more input."""
    train, holdout = customers()
    for part in (train, holdout):
        part[name] = column(part)
    return probe(msgspec.structs.replace(it, inputs=(*it.inputs, name)), train, holdout)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("it", [CHURN, PRICE], ids=lambda it: it.target)
def test_clean_data_raises_no_alarm(it: Suspect, seed: int) -> None:
    found = probe(it, *customers(seed=seed))
    assert found.leaks == ()
    assert [probe.why for probe in found.probes] == [""] * 5


COPIES: dict[str, tuple[Suspect, Callable[[pd.DataFrame], Any], str]] = {
    "equal": (CHURN, lambda rows: rows["left"], "is the target"),
    "boolean": (CHURN, lambda rows: rows["left"] == 1, "is the target"),
    "turned": (CHURN, lambda rows: 1 - rows["left"], "is −1 × the target +1"),
    "text": (
        CHURN,
        lambda rows: rows["left"].map({0: "stays", 1: "goes"}),
        "each of its values belongs to one value of the target",
    ),
    "filled": (
        CHURN,
        lambda rows: rows["at"].where(rows["left"] == 1),
        "each of its values belongs to one value of the target",
    ),
    "apart": (
        CHURN,
        lambda rows: rows["left"] * 9 + rows["age"] / 90,
        "tells the target without exception",
    ),
    "price": (PRICE, lambda rows: rows["price"], "is the target"),
    "affine": (PRICE, lambda rows: rows["price"] * 1.19 - 3, "is 1.19 × the target −3"),
    "monotone": (
        PRICE,
        lambda rows: -np.exp(rows["price"] / 100),
        "falls with the target, without exception",
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_the_target_is_found_and_named(name: str) -> None:
    it, column, what = COPIES[name]
    found = planted("copied", column, it)
    assert [(probe.name, leak.where, leak.what) for probe, leak in found.leaks] == [
        ("target-copy", "copied", what)
    ]


def noise(rows: pd.DataFrame, size: float) -> NDArray[np.float64]:
    return np.random.default_rng(2).normal(0, size, len(rows))


def outside(rows: pd.DataFrame) -> pd.Series:
    """Far from the middle on either side, where the target is 1: order alone says nothing."""
    side = np.where(np.arange(len(rows)) % 2, 50, -50)
    return rows["left"] * side + noise(rows, 15)


def filled(rows: pd.DataFrame) -> pd.Series:
    """A cell that is filled where the target is 1, but for a few."""
    return rows["spend"].where((rows["left"] == 1) ^ (noise(rows, 1) > 2))


NEARLY: dict[str, tuple[Suspect, Callable[[pd.DataFrame], Any]]] = {
    "noisy": (CHURN, lambda rows: rows["left"] + noise(rows, 0.3)),
    "outside": (CHURN, outside),
    "filled": (CHURN, filled),
    "rounded": (PRICE, lambda rows: rows["price"].round(-1)),
    "around": (PRICE, lambda rows: (rows["price"] - 200) ** 3 // 1000),
}


@pytest.mark.parametrize("name", NEARLY)
def test_a_column_that_predicts_almost_alone_is_found(name: str) -> None:
    it, column = NEARLY[name]
    found = planted("strong", column, it)
    assert [(probe.name, leak.where) for probe, leak in found.leaks] == [
        ("predicts-alone", "strong")
    ]
    assert found.leaks[0][1].value > 0.95


def test_a_limit_says_what_almost_means() -> None:
    found = probe(CHURN, *customers(), limits=Limits(alone=0.8))
    assert [leak.where for leak in named(found, "predicts-alone").leaks] == ["spend"]


def test_the_strength_of_a_number_is_scikit_learns_area() -> None:
    train, _ = customers()
    truth = train["left"].to_numpy(dtype=float)
    found = strength(train["spend"], truth, Task.CLASSIFICATION, np.random.default_rng(1))
    assert found == pytest.approx(roc_auc_score(truth, -train["spend"]))


def test_the_strength_in_a_regression_is_scipys_rank_correlation() -> None:
    train, _ = customers(600)
    truth = train["price"].to_numpy()
    found = strength(np.exp(train["spend"] / 9), truth, Task.REGRESSION, np.random.default_rng(1))
    assert found == pytest.approx(spearmanr(train["spend"], truth).statistic ** 2)


def test_a_text_of_many_values_says_nothing_of_rows_that_it_has_not_seen() -> None:
    train, _ = customers()
    names = pd.Series([f"row {i}" for i in range(len(train))], index=train.index)
    truth = train["left"].to_numpy(dtype=float)
    found = strength(names, truth, Task.CLASSIFICATION, np.random.default_rng(1))
    assert found == pytest.approx(0.5, abs=0.02)


def test_a_rare_class_is_not_judged() -> None:
    train, holdout = customers()
    train["left"] = (np.arange(len(train)) < 9).astype(int)
    found = named(probe(CHURN, train, holdout), "predicts-alone")
    assert (found.why, found.leaks) == ("fewer than 30 rows of a class", ())


def test_sealed_rows_among_the_training_rows_are_counted() -> None:
    train, holdout = customers()
    copied = holdout.head(100).assign(id=lambda rows: rows["id"] + 10**6)
    found = named(probe(CHURN, pd.concat([train, copied]), holdout), "holdout-in-training")
    assert found.value == pytest.approx(100 / len(holdout))
    assert found.leaks[0].what.startswith(f"100 of {len(holdout)} sealed rows")


def test_copies_with_a_little_noise_are_found() -> None:
    train, holdout = customers()
    spend = holdout["spend"] + np.random.default_rng(1).normal(0, 1e-4, len(holdout))
    found = probe(CHURN, pd.concat([train, holdout.assign(spend=spend)]), holdout)
    assert named(found, "holdout-in-training").value > 0.98


def test_rows_that_were_there_twice_before_the_split_are_found() -> None:
    train, holdout = customers()
    rows = pd.concat([train, holdout])
    rows = pd.concat([rows, rows.assign(id=rows["id"] + 10**6)])
    sealed = np.random.default_rng(1).random(len(rows)) < 0.25
    found = named(probe(CHURN, rows[~sealed], rows[sealed]), "holdout-in-training")
    assert found.value == pytest.approx(0.75, abs=0.03)
    assert found.leaks


def test_rows_of_coarse_columns_are_alike_by_chance_and_raise_no_alarm() -> None:
    train, holdout = customers()
    it = msgspec.structs.replace(CHURN, inputs=("age", "plan"))
    found = named(probe(it, train, holdout), "holdout-in-training")
    assert found.leaks == ()
    assert found.value < 0.01


def test_a_key_that_is_there_twice_is_shown() -> None:
    train, holdout = customers()
    holdout = pd.concat([holdout, train.head(3).assign(age=1)])
    found = named(probe(CHURN, train, holdout), "duplicate-key")
    assert found.leaks[0].what == "3 rows have the key of another row"
    assert found.leaks[0].where == "id"


def test_a_date_after_the_prediction_is_found() -> None:
    found = planted("closed", lambda rows: rows["at"] + pd.Timedelta(days=2))
    assert [(leak.where, leak.value, leak.what) for _, leak in found.leaks] == [
        ("closed", 1.0, "is after at in 100.0% of the rows")
    ]


def test_a_date_that_is_known_ahead_is_no_leak() -> None:
    it = msgspec.structs.replace(CHURN, ahead=("closed",))
    found = planted("closed", lambda rows: rows["at"] + pd.Timedelta(days=2), it)
    assert found.leaks == ()


def test_an_hour_of_the_same_day_is_not_after_a_date_without_hours() -> None:
    train, holdout = (part.assign(at=part["at"].dt.normalize()) for part in customers())
    days = [part.assign(joined=part["at"] + pd.Timedelta(hours=9)) for part in (train, holdout)]
    assert probe(CHURN, *days).leaks == ()


def test_without_a_time_no_date_is_judged() -> None:
    found = named(probe(msgspec.structs.replace(CHURN, time=None), *customers()), "after-time")
    assert found.why == "the dataset declares no `time`"


def test_nullable_columns_and_empty_cells_are_looked_at() -> None:
    parts = customers()
    for part in parts:
        part["age"] = part["age"].astype("Int64").mask(part["age"] < 30)
        part["plan"] = part["plan"].mask(part["plan"] == "pro")
        part["joined"] = part["joined"].mask(part["age"] > 80)
        part["active"] = (part["age"] > 40).astype("boolean")
    it = msgspec.structs.replace(CHURN, inputs=(*INPUTS, "active"))
    assert probe(it, *parts).leaks == ()


def test_the_record_is_the_same_after_json() -> None:
    found = planted("copied", lambda rows: rows["left"])
    assert msgspec.json.decode(msgspec.json.encode(found), type=Probes) == found
