"""How often sealed rows were looked at: counted in the ledger, spent by the gates."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pennon.config import Dataset, Holdout
from pennon.datasets.holdout import rule
from pennon.evaluation import Evaluation
from pennon.flows.judgement.looks import looks
from pennon.flows.register import Ask, register
from pennon.flows.versions.release import EVALUATION
from pennon.flows.world import World
from pennon.registry import ModelState, read_model, registrations
from shop import MODEL, improve, shop
from worlds import Ledger, new_clone


def ledger(folder: Path, *sealed: tuple[str, int]) -> Ledger:
    """A version for each (rule, sealed rows)."""
    found = Ledger(new_clone(folder), MODEL)
    for i, (said, rows) in enumerate(sealed):
        found.register(f"v1.{i}.0", holdout_rule=said, holdout_rows=rows)
    return found


def state(found: Ledger) -> ModelState:
    return read_model(found.repo, MODEL)


def test_a_version_is_a_look_at_the_rows_of_its_rule(tmp_path: Path) -> None:
    found = state(ledger(tmp_path, ("a", 100), ("a", 100), ("b", 100)))
    assert (looks(found, "a", 100), looks(found, "b", 100), looks(found, "c", 100)) == (2, 1, 0)


def test_rows_that_came_later_are_fresh(tmp_path: Path) -> None:
    found = state(ledger(tmp_path, ("a", 100), ("a", 200), ("a", 400)))
    assert looks(found, "a", 400) == pytest.approx(0.25 + 0.5 + 1)
    assert looks(found, "a", 50) == 3


def test_retiring_a_version_gives_no_look_back(tmp_path: Path) -> None:
    found = ledger(tmp_path, ("a", 100))
    found.retire("v1.0.0")
    assert not state(found).versions
    assert looks(state(found), "a", 100) == 1


def test_the_rule_follows_how_rows_are_sealed() -> None:
    text = {"source": "x.csv", "key": ["id"], "contract": {"columns": {"id": {"type": "string"}}}}
    dataset = msgspec.convert(text, Dataset)
    told = msgspec.structs.replace(dataset, about="for people")
    salted = msgspec.structs.replace(dataset, holdout=Holdout(share=0.2, salt="new"))
    assert rule(told) == rule(dataset) != rule(salted)


def evaluation(here: World, version: str) -> Evaluation:
    file = here.root.parent / "read.json"
    here.forge.download_asset(f"{MODEL}@{version}", EVALUATION, file)
    return msgspec.json.decode(file.read_bytes(), type=Evaluation)


def test_each_registration_looks_once_more(tmp_path: Path) -> None:
    here = shop(tmp_path / "world")
    register(here, Ask())
    improve(here)
    register(here, Ask())
    assert [evaluation(here, version).looks for version in ("v1.0.0", "v1.1.0")] == [1, 2]
    lineages = registrations(read_model(here.repo, MODEL).versions.values()).values()
    assert len({it.manifest.holdout_rule for it in lineages if it}) == 1
