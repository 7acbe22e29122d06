"""The code of a version, in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pennon.errors import GitError, RegistryError
from pennon.flows.checkout import checkout
from pennon.flows.world import World
from pennon.registry import Reference
from shop import world
from worlds import Ledger, commit_all, new_clone, run_git

OLD = Reference("eu:churn", "v1.0.0")


@pytest.fixture
def here(tmp_path: Path) -> World:
    """v1.0.0 was made from code that said old; the clone has gone on, and is being edited."""
    clone = new_clone(tmp_path)
    code = clone / "code.py"
    code.write_text("old")
    commit_all(clone, "old")
    ledger = Ledger(clone, "eu:churn")
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    code.write_text("new")
    commit_all(clone, "new")
    code.write_text("edited")
    return world(clone)


def test_the_code_lies_beside_the_work_that_goes_on(here: World) -> None:
    found = checkout(here, OLD, None)
    assert Path(found.folder) == here.root.parent / "work-eu-churn-v1.0.0"
    assert (Path(found.folder) / "code.py").read_text() == "old"
    assert (here.root / "code.py").read_text() == "edited"


def test_again_it_is_the_same_folder(here: World) -> None:
    first = checkout(here, Reference("eu:churn", stage="champion"), None)
    (Path(first.folder) / "notes").write_text("mine")
    assert checkout(here, OLD, None) == first
    assert (Path(first.folder) / "notes").read_text() == "mine"


def test_a_folder_that_was_deleted_is_made_again(here: World) -> None:
    folder = Path(checkout(here, OLD, None).folder)
    shutil.rmtree(folder)
    checkout(here, OLD, None)
    assert (folder / "code.py").read_text() == "old"


def test_what_is_in_the_way_is_left_alone(here: World, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    with pytest.raises(GitError, match="already exists"):
        checkout(here, OLD, tmp_path / "taken")
    run_git(here.root, "worktree", "add", "--quiet", "--detach", str(tmp_path / "other"), "HEAD")
    with pytest.raises(GitError, match="was made from"):
        checkout(here, OLD, tmp_path / "other")


def test_a_version_that_is_not_registered_makes_no_folder(here: World, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"v9\.0\.0"):
        checkout(here, Reference("eu:churn", "v9.0.0"), tmp_path / "none")
    assert not (tmp_path / "none").exists()
