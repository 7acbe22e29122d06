"""The registry read without a clone, from a shallow clone, and from memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pennon.flows.show import describe, show
from pennon.flows.versions.differences import differences
from pennon.git import Repo
from pennon.registry import reference
from worlds import Ledger, new_clone, run_git


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models; v1.1.0 of churn differs from v1.0.0 in a param and a metric."""
    work = new_clone(tmp_path_factory.mktemp("reading"))
    for model in ("churn", "team:delay"):
        ledger = Ledger(work, model)
        ledger.register("v1.0.0")
        ledger.register("v1.1.0", params={"depth": 4}, train_rows=90)
        ledger.assign("v1.0.0")
    return work


def pennon(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("pennon")
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_without_a_clone_the_same_is_read(here: Path, tmp_path: Path) -> None:
    origin = str(here.parent / "origin.git")
    for arguments in (
        ("show",),
        ("show", "churn"),
        ("which", "team:delay#champion"),
        ("history", "churn"),
        ("describe", "churn@v1.1.0"),
        ("compare", "churn@v1.0.0", "churn#champion"),
    ):
        there = pennon(tmp_path, *arguments, "--remote", origin, "--json")
        assert there.returncode == 0, there.stderr
        assert json.loads(there.stdout) == json.loads(pennon(here, *arguments, "--json").stdout)


def test_a_relative_remote_is_a_folder_from_here(here: Path) -> None:
    assert pennon(here.parent, "which", "churn", "--remote", "origin.git").stdout == "v1.0.0\n"


@pytest.mark.parametrize("url", ["nowhere", "https://127.0.0.1:9/no"])
def test_a_remote_that_does_not_answer_is_named(tmp_path: Path, url: str) -> None:
    done = pennon(tmp_path, "which", "churn", "--remote", url)
    assert done.returncode == 10
    assert url in done.stderr


def test_an_unknown_model_of_a_remote_is_refused(here: Path, tmp_path: Path) -> None:
    done = pennon(tmp_path, "which", "chrun", "--remote", str(here.parent / "origin.git"))
    assert (done.returncode, done.stdout) == (8, "")


def test_a_shallow_clone_without_tags_asks_its_remote(here: Path, tmp_path: Path) -> None:
    origin = f"file://{here.parent / 'origin.git'}"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", origin, "clone")
    clone = tmp_path / "clone"
    run_git(clone, "update-ref", "refs/tags/churn#champion#1", "HEAD")  # as checkout leaves it
    assert pennon(clone, "which", "churn").stdout == "v1.0.0\n"
    assert run_git(clone, "tag") == "churn#champion#1"
    run_git(clone, "remote", "set-url", "origin", str(tmp_path / "gone"))
    done = pennon(clone, "which", "churn")
    assert done.returncode == 8
    assert "using the tags of this shallow clone" in done.stderr


def test_a_version_is_described_with_its_whole_manifest(here: Path) -> None:
    found = describe(Repo(here), reference("churn"))
    assert (found.version, found.stages, found.manifest.params) == (
        "v1.0.0",
        ("champion",),
        {"depth": 3},
    )


def test_two_versions_differ_in_exactly_what_was_changed(here: Path) -> None:
    found = differences(Repo(here), reference("churn@v1.0.0"), reference("churn@v1.1.0"))
    told = {(it.part, it.name): (it.one, it.other) for it in found.differences}
    code = told.pop(("code", "0 files changed"))
    assert code[0] != code[1]
    assert told == {("param", "depth"): ("3", "4"), ("data", "trained on"): ("80", "90")}
    assert found.same_holdout


def test_what_is_remembered_is_thrown_away_when_it_is_damaged(here: Path) -> None:
    file = here / ".git" / "pennon" / "summaries"
    sound = show(Repo(here))
    for content in (b"", b"\x00", file.read_bytes()[:-5], b"\x81\xa6format\xa1x"):
        file.write_bytes(content)
        assert show(Repo(here)) == sound
    assert list(file.parent.iterdir()) == [file]


def test_what_is_remembered_follows_every_change(here: Path) -> None:
    before = {it.model: it.stages for it in show(Repo(here))}
    Ledger(here, "churn", start=1_800_000_000).assign("v1.1.0", "challenger")
    after = {it.model: it.stages for it in show(Repo(here))}
    assert before["team:delay"] == after["team:delay"]
    assert after["churn"] == {"champion": "v1.0.0", "challenger": "v1.1.0"}
    run_git(here, "tag", "--delete", "churn#challenger#2")
    assert {it.model: it.stages for it in show(Repo(here))} == before


def test_a_clone_that_nobody_may_write_to_is_read(here: Path) -> None:
    folder = here / ".git" / "pennon"
    (folder / "summaries").unlink(missing_ok=True)
    folder.rmdir()
    folder.write_text("not a folder")
    try:
        assert [it.model for it in show(Repo(here))] == ["churn", "team:delay"]
    finally:
        folder.unlink()
