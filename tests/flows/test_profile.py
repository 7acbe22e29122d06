"""`pennon data profile`: what limits the data is told, and what is broken stays visible."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from pennon.cli import cli
from pennon.errors import DataError
from pennon.flows.data import lock
from pennon.flows.profile import Profiled, profiled
from pennon.flows.world import World
from shop import customers, shop, write

LEFT = "    left: {type: integer, min: 0, max: 1}\n"


@pytest.fixture
def here(tmp_path: Path) -> World:
    return shop(tmp_path / "world")


def planted(here: World, column: str, promise: str, values: pd.Series) -> None:
    """The data with one more column, in its contract and locked."""
    text = (here.root / "data/customers.yaml").read_text()
    write(here.root, "data/customers.yaml", text.replace(LEFT, f"    {column}: {promise}\n{LEFT}"))
    frame = customers().assign(**{column: values})
    frame.to_csv(here.root / "data/customers.csv", index=False)
    lock(here, None)


def profile_of(here: World) -> Profiled:
    (found,) = profiled(here, None)
    return found


def printed(here: World, monkeypatch: pytest.MonkeyPatch, *more: str) -> Result:
    monkeypatch.chdir(here.root)
    return CliRunner().invoke(cli, ["data", "profile", *more])


def test_sound_data_has_no_leak(here: World) -> None:
    (model,) = profile_of(here).models
    assert model.probes
    assert model.leaks == []


def test_a_column_that_is_the_target_is_flagged_and_no_error(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(here, "closed", "{type: integer}", customers()["left"])
    (model,) = profile_of(here).models
    assert model.leaks == ["target-copy: closed is the target"]
    done = printed(here, monkeypatch)
    assert (done.exit_code, "LEAK? target-copy: closed is the target" in done.output) == (0, True)


def test_the_balance_of_a_target_is_counted_on_both_sides(here: World) -> None:
    (model,) = profile_of(here).models
    assert model.train
    assert model.holdout
    assert model.train.rows + model.holdout.rows == 1000
    positive = (model.train.positive or 0) + (model.holdout.positive or 0)
    assert positive == int(customers()["left"].sum())


def test_a_regression_has_quartiles_of_its_target(here: World) -> None:
    text = (here.root / "pennon.yaml").read_text()
    text = text.replace("task: classification", "task: regression").replace("left", "spend")
    text = text.replace("roc_auc", "mean_absolute_error").replace("[log_loss]", "[]")
    write(here.root, "pennon.yaml", text)
    (model,) = profile_of(here).models
    assert model.train
    assert model.train.quartiles
    assert model.train.quartiles.low >= customers()["spend"].min()


NAMES = pd.Series(["Ada Lovelace", "Emmy Noether"] * 500)


@pytest.mark.parametrize("json", [(), ("--json",)])
@pytest.mark.parametrize(
    ("locked", "found"), [(NAMES, "personal"), (NAMES.str.replace(" ", "-"), "not-among")]
)
def test_no_value_of_a_personal_column_is_shown(
    here: World,
    monkeypatch: pytest.MonkeyPatch,
    json: tuple[str, ...],
    *,
    locked: pd.Series,
    found: str,
) -> None:
    allowed = ", ".join(locked.unique())
    planted(here, "name", f"{{type: string, personal: true, among: [{allowed}]}}", locked)
    customers().assign(name=NAMES).to_csv(here.root / "data/customers.csv", index=False)
    done = printed(here, monkeypatch, *json)
    assert found in done.output
    assert "Ada" not in done.output + str(done.exception)
    assert "Emmy" not in done.output + str(done.exception)


def test_a_personal_target_has_no_balance(here: World) -> None:
    text = (here.root / "data/customers.yaml").read_text()
    write(
        here.root, "data/customers.yaml", text.replace(LEFT, LEFT.replace("}", ", personal: true}"))
    )
    (model,) = profile_of(here).models
    assert (model.train, model.why) == (None, "left is personal")


def test_broken_data_is_shown_as_far_as_it_can_be(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.concat([customers(), customers().head(3)])
    frame.to_csv(here.root / "data/customers.csv", index=False)
    done = printed(here, monkeypatch)
    assert "1,003 rows, 3 duplicate keys" in done.output
    assert "the data breaks its contract" in done.output
    assert isinstance(done.exception, DataError)


def test_a_dataset_without_a_lock_is_not_broken(here: World) -> None:
    file = here.root / "data/customers.yaml"
    file.write_text(file.read_text().partition("# Written by")[0])
    assert profile_of(here).findings == ()


def test_an_empty_target_is_told(here: World) -> None:
    text = (here.root / "data/customers.yaml").read_text()
    write(
        here.root, "data/customers.yaml", text.replace(LEFT, LEFT.replace("}", ", missing: 0.5}"))
    )
    frame = customers().astype({"left": "Int64"})
    frame.loc[:4, "left"] = pd.NA
    frame.to_csv(here.root / "data/customers.csv", index=False)
    (model,) = profile_of(here).models
    assert model.why == "the target left is empty in 5 rows"


def test_the_json_has_the_same_facts(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = msgspec.json.decode(printed(here, monkeypatch, "--json").output, type=list[Profiled])
    ours = profile_of(here)
    assert (found.quality, found.findings) == (ours.quality, ours.findings)
    assert found.models == ours.models
