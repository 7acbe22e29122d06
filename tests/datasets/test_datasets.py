from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.config import Dataset, Lock
from pennon.config import read as parse
from pennon.datasets import (
    breaches,
    content_digest,
    differences,
    read,
    sample,
    schema_digest,
    split,
    with_lock,
)
from pennon.datasets.holdout import shared
from pennon.errors import DataError

TEXT = """\
source: data/customers.csv
key: [id]
holdout: {share: 0.25, salt: s}
sample: {rows: 100, by: [left]}
contract:
  columns:
    id: {type: integer}
    age: {type: number, min: 0, max: 120, missing: 0.1}
    country: {type: string, among: [DE, FR, NO]}
    left: {type: integer, min: 0, max: 1}
"""
DATASET = parse(TEXT, Dataset, "data/customers.yaml")


def frame(rows: int = 1000) -> pd.DataFrame:
    generator = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "age": generator.uniform(18, 90, rows),
            "country": generator.choice(["DE", "FR", "NO"], rows),
            "left": (generator.random(rows) < 0.2).astype(int),
        }
    )


def codes(rows: pd.DataFrame) -> set[str]:
    return {finding.code for finding in breaches(rows, DATASET)}


def test_sound_rows_keep_the_contract() -> None:
    assert breaches(frame(), DATASET) == []


Defect = Callable[[pd.DataFrame], pd.DataFrame]
DEFECTS: list[tuple[str, Defect]] = [
    ("missing-column", lambda f: f.drop(columns="age")),
    ("unknown-column", lambda f: f.assign(extra=1)),
    ("wrong-type", lambda f: f.assign(age="old")),
    ("below-min", lambda f: f.assign(age=-1.0)),
    ("above-max", lambda f: f.assign(age=f["age"].where(f["id"] != 3, 130.0))),
    ("not-among", lambda f: f.assign(country=f["country"].where(f["id"] != 3, "XX"))),
    ("too-many-missing", lambda f: f.assign(age=f["age"].where(f["id"] % 5 > 0))),
    ("duplicate-key", lambda f: pd.concat([f, f.iloc[[7]]])),
]


@pytest.mark.parametrize(("code", "defect"), DEFECTS)
def test_each_breach_has_its_own_code(code: str, defect: Defect) -> None:
    assert codes(defect(frame())) == {code}


def test_no_example_shows_what_is_personal() -> None:
    text = TEXT.replace("id: {type: integer}", "id: {type: integer, personal: true, max: 10}")
    private = parse(text, Dataset, "data/customers.yaml")
    rows = pd.concat([frame(20), frame(1)]).assign(age=-1.0)
    found = {it.code: it.example for it in breaches(rows, private)}
    assert found == {"above-max": "", "below-min": "-1.0", "duplicate-key": ""}


def test_all_breaches_are_told_at_once() -> None:
    broken = frame().assign(age=-1.0, country="XX").drop(columns="left")
    assert codes(broken) == {"below-min", "not-among", "missing-column"}


def test_a_breach_counts_its_rows_and_gives_an_example() -> None:
    (finding,) = breaches(frame().assign(country="XX"), DATASET)
    assert str(finding) == (
        "country: not among the contract's values in 1000 rows, for example XX [not-among]"
    )


def written(folder: Path, rows: pd.DataFrame) -> Path:
    (folder / "data").mkdir(exist_ok=True)
    rows.to_csv(folder / "data" / "customers.csv", index=False)
    return folder


def test_a_column_that_cannot_have_its_type_is_a_breach_and_no_crash(tmp_path: Path) -> None:
    rows = frame(50).astype({"left": object})
    rows.loc[3, "left"] = "maybe"
    (finding,) = breaches(read(written(tmp_path, rows), DATASET), DATASET)
    assert (finding.code, finding.example) == ("wrong-type", "maybe")


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ("id,age,country,left\n", "has no rows"), ('a,b\n"1,2', "cannot be read")],
)
def test_a_file_without_rows_is_refused(tmp_path: Path, content: str, words: str) -> None:
    written(tmp_path, frame(1))
    (tmp_path / "data" / "customers.csv").write_text(content)
    with pytest.raises(DataError, match=words):
        read(tmp_path, DATASET)


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data/customers\.csv is not there"):
        content_digest(tmp_path, DATASET)


def test_a_changed_value_changes_the_content_and_not_the_schema(tmp_path: Path) -> None:
    before = content_digest(written(tmp_path, frame()), DATASET)
    after = content_digest(written(tmp_path, frame().assign(age=30.0)), DATASET)
    assert before != after
    columns = list(frame().columns)
    assert schema_digest(DATASET.contract, columns) != schema_digest(
        DATASET.contract, [*columns, "extra"]
    )


def test_a_lock_is_written_below_what_people_wrote() -> None:
    lock = Lock(content="sha256:aa", schema="sha256:bb", rows=5)
    commented = TEXT.replace("key:", "# the customer number\nkey:")
    once = with_lock(commented, lock)
    assert once.startswith(commented)
    assert parse(once, Dataset, "d").lock == lock
    assert with_lock(once, lock) == once


def lock(content: str) -> Lock:
    return Lock(content=f"sha256:{content}", schema="sha256:s", rows=5)


def test_what_differs_from_the_lock_is_told_apart() -> None:
    locked = msgspec.structs.replace(DATASET, lock=lock("a"))
    found = differences(locked, lock("b"), "data/customers.yaml")
    assert [finding.code for finding in found] == ["content-changed"]


def test_a_dataset_without_a_lock_says_how_to_write_one() -> None:
    with pytest.raises(DataError, match="pennon data lock"):
        differences(DATASET, lock("b"), "data/customers.yaml")


def test_a_row_keeps_its_side_when_the_data_grows() -> None:
    small, large = frame(1000), frame(1000)
    large = pd.concat([large, frame(3000).iloc[1000:]]).sample(frac=1, random_state=1)
    before = set(split(small, DATASET).holdout["id"])
    after = set(split(large, DATASET).holdout["id"])
    assert {i for i in after if i < 1000} == before


def test_the_holdout_has_about_its_share() -> None:
    assert 0.2 < len(split(frame(4000), DATASET).holdout) / 4000 < 0.3


def test_the_digest_of_the_holdout_ignores_the_order_and_sees_every_key() -> None:
    one = split(frame(), DATASET)
    without_first = frame().drop(one.holdout.index[0])
    assert split(frame()[::-1], DATASET).digest == one.digest
    assert split(without_first, DATASET).digest != one.digest


def test_a_sealed_row_among_the_training_rows_is_counted() -> None:
    parts = split(frame(), DATASET)
    leaking = pd.concat([parts.train, parts.holdout.head(3)])
    assert [shared(it, parts.holdout, DATASET) for it in (parts.train, leaking)] == [0, 3]


def test_another_salt_seals_other_rows() -> None:
    other = parse(TEXT.replace("salt: s", "salt: t"), Dataset, "d")
    assert split(frame(), other).digest != split(frame(), DATASET).digest


def test_a_time_cut_seals_what_comes_after() -> None:
    text = TEXT.replace(
        "holdout: {share: 0.25, salt: s}", "holdout: {after: '2026-03-01'}\ntime: at"
    )
    dated = frame(90).assign(at=pd.date_range("2026-01-01", periods=90).astype(str))
    parts = split(dated, parse(text, Dataset, "d"))
    assert (parts.train["at"].max(), parts.holdout["at"].min()) == ("2026-02-28", "2026-03-01")


def test_an_empty_holdout_is_an_error() -> None:
    with pytest.raises(DataError, match=r"no row of .* falls into the holdout part"):
        split(frame(1), parse(TEXT.replace("0.25", "0.0001"), Dataset, "d"))


def test_a_missing_key_column_is_an_error() -> None:
    with pytest.raises(DataError, match="no key column 'id'"):
        split(frame().drop(columns="id"), DATASET)


@given(seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_sample_does_not_depend_on_the_order(seed: int) -> None:
    train = split(frame(), DATASET).train
    mixed = train.sample(frac=1, random_state=seed)
    assert set(sample(mixed, DATASET)["id"]) == set(sample(train, DATASET)["id"])


def test_a_sample_keeps_the_proportions_and_touches_no_sealed_row() -> None:
    parts = split(frame(4000), DATASET)
    drawn: Any = sample(parts.train, DATASET)
    assert abs(len(drawn) - 100) <= 1
    assert abs(drawn["left"].mean() - parts.train["left"].mean()) < 0.01
    assert not set(drawn["id"]) & set(parts.holdout["id"])
