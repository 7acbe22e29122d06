"""pennon as git's own pre-push hook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pennon.flows.world import World
from shop import MODEL, shop
from worlds import Ledger, run_git


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    """v1.0.0 is champion, and the hook is in place."""
    found = shop(tmp_path_factory.mktemp("push"))
    hook = found.root / ".git" / "hooks" / "pre-push"
    program = Path(sys.executable).with_name("pennon")
    hook.write_text(f"#!/bin/sh\nexec {program} check --push\n")
    hook.chmod(0o755)
    ledger = Ledger(found.root, MODEL)
    ledger.register("v1.0.0")
    ledger.assign("v1.0.0")
    return found


def test_what_pennon_writes_passes(here: World) -> None:
    assert run_git(here.root, "ls-remote", "--tags", "--refs", "origin").count("churn") == 2


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("churn@1.0.0", "looks like a registry's tag and is none"),
        ("chrun@v1.0.0", "no model 'chrun', only churn"),
        ("churn#canary#9", "no stage 'canary', only challenger, champion"),
    ],
)
def test_a_tag_by_hand_is_refused(here: World, tag: str, why: str) -> None:
    run_git(here.root, "tag", "--annotate", "--message=by hand", tag)
    assert why in refused(here, tag)
    assert tag not in run_git(here.root, "ls-remote", "origin")


def test_an_event_is_neither_moved_nor_deleted(here: World) -> None:
    tag = "churn#champion#1"
    assert "never deleted" in refused(here, "--delete", tag)
    oid = run_git(here.root, "rev-parse", f"refs/tags/{tag}")
    run_git(here.root, "tag", "--force", "--annotate", "--message=other", tag)
    assert "never moved or edited" in refused(here, "--force", tag)
    run_git(here.root, "update-ref", f"refs/tags/{tag}", oid)


def test_tags_of_others_pass(here: World) -> None:
    run_git(here.root, "tag", "release-2026")
    run_git(here.root, "push", "--quiet", "origin", "release-2026")


def refused(here: World, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "push", "origin", *arguments],
        cwd=here.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    return done.stderr


def test_a_branch_has_a_name_that_the_rules_allow(here: World) -> None:
    named = "\nnaming: {branches: '(experiment|retrain)/.+'}\n"
    file = here.root / "pennon.yaml"
    before = file.read_text()
    file.write_text(before + named)
    assert "'mine' does not match '(experiment|retrain)/.+'" in refused(here, "HEAD:mine")
    run_git(here.root, "push", "--quiet", "origin", "HEAD:experiment/deeper")
    run_git(here.root, "push", "--quiet", "origin", "HEAD:main")
    file.write_text(before)
