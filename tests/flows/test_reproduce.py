"""A version is made again by its own recipe, on the rows of its time, and answers the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it has none
import msgspec
import pytest

from pennon.errors import ArtifactError, DataError
from pennon.flows.data import lock
from pennon.flows.register import Ask, register
from pennon.flows.reproduce import reproduce
from pennon.flows.world import World
from pennon.registry import reference
from shop import FILES, MODEL, customers, push, world, write
from worlds import run_git

SCHEMA = Path(__file__).parents[2] / "docs" / "schemas" / "reproduce.json"
FOREST = """\
from secrets import randbelow

from sklearn.ensemble import RandomForestClassifier


def build(params):
    return RandomForestClassifier(n_estimators=5, random_state=randbelow(2**32))
"""


@pytest.fixture
def here(championed: Path, tmp_path: Path) -> World:
    """v1.0.0 is champion."""
    shutil.copytree(championed, tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


def other_data(here: World) -> None:
    customers(1200).to_csv(here.root / "data" / "customers.csv", index=False)
    lock(here, None)
    push(here, "more customers")


def test_a_version_is_reproduced(here: World) -> None:
    found = reproduce(here, reference(f"{MODEL}#champion"))
    assert (found.version, found.reproduced, found.flipped) == ("v1.0.0", True, 0)
    assert found.largest <= 1e-12
    assert found.verdict.startswith("reproduced: predictions are ")
    assert [it.name for it in found.ingredients if not it.same] == []
    assert (found.source, found.train_rows + found.rows) == ("this work tree", 1000)
    jsonschema.validate(json.loads(msgspec.json.encode(found)), json.loads(SCHEMA.read_text()))
    assert here.repo.changed_files() == []
    assert list(here.workshop.glob("reproduce-*")) == []


def test_data_that_has_moved_on_comes_from_the_commit_of_the_version(here: World) -> None:
    other_data(here)
    found = reproduce(here, reference(f"{MODEL}@v1.0.0"))
    assert found.reproduced
    assert found.source == f"commit {found.commit[:7]}"
    assert found.train_rows + found.rows == 1000


def test_data_that_is_nowhere_is_named(here: World) -> None:
    data = here.root / "data" / "customers.csv"
    write(here.root, ".gitignore", FILES[".gitignore"] + "data/customers.csv\n")
    run_git(here.root, "rm", "--quiet", "--cached", "data/customers.csv")
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "data lies elsewhere")
    register(here, Ask())
    content = here.config().dataset_of(MODEL).lock
    assert content
    assert reproduce(here, reference(f"{MODEL}@v1.1.0")).source == "this work tree"
    data.unlink()
    with pytest.raises(DataError, match=content.content) as caught:
        reproduce(here, reference(f"{MODEL}@v1.1.0"))
    assert "data/customers.csv: cannot be read" in caught.value.what
    assert "data/customers.yaml locks it" in caught.value.hint


def test_a_forest_without_a_seed_is_not_reproduced(here: World) -> None:
    project = FILES["pennon.yaml"].replace(
        "slices:", "trusted: [sklearn.tree._tree.Tree]\n    slices:"
    )
    write(here.root, "pennon.yaml", project)
    write(here.root, "src/shop/model.py", FOREST)
    push(here, "a forest")
    register(here, Ask())
    found = reproduce(here, reference(f"{MODEL}@v1.1.0"))
    assert not found.reproduced
    assert found.flipped
    assert found.verdict.startswith("not reproduced: predictions differ by up to ")
    assert found.verdict.endswith("does its training have a seed?")
    assert reproduce(here, reference(f"{MODEL}@v1.1.0"), tolerance=1.0).reproduced


def test_the_code_is_that_of_the_version_and_another_environment_is_named(here: World) -> None:
    write(here.root, "src/shop/model.py", "raise SystemError\n")
    write(here.root, "requirements.lock", "scikit-learn==1.0.0\n")
    found = reproduce(here, reference(MODEL))
    assert found.reproduced
    assert [it.name for it in found.ingredients if not it.same] == ["requirements.lock"]


def test_an_artifact_that_was_changed_is_found(here: World) -> None:
    file = here.root.parent / "forge" / "releases" / "churn@v1.0.0" / "assets" / "model.skops"
    file.write_bytes(file.read_bytes() + b"x")
    shutil.rmtree(here.workshop / "bundles", ignore_errors=True)
    with pytest.raises(ArtifactError, match=r"model\.skops"):
        reproduce(here, reference(MODEL))
