"""What remotes say, word for word, and whom it sends for help."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.git import Repo
from pennon.git.push import WorkflowRuleError
from pennon.git.refusals import has_vanished, is_busy, refusal

REF = "refs/tags/churn#champion#7"
WORKFLOWS = (
    f"!\t1f:{REF}\t[remote rejected] (refusing to allow a {{who}} to create or update workflow"
    " `.github/workflows/ci.yml` without `{what}`{kind})"
)


@pytest.mark.parametrize(
    "words",
    [
        WORKFLOWS.format(who="GitHub App", what="workflows", kind=" permission"),
        WORKFLOWS.format(who="Personal Access Token", what="workflow", kind=" scope"),
        "remote: error: GH013: Repository rule violations found for refs/tags/x.\n"
        + WORKFLOWS.format(who="GitHub App", what="workflows", kind=" permission"),
    ],
)
def test_the_rule_about_workflow_files_is_known_by_its_words(words: str) -> None:
    assert isinstance(refusal(Repo(Path()), REF, words), WorkflowRuleError)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("remote: error: GH013: Repository rule violations found for x.\n", "bypass list"),
        ("!\t1f:x\t[remote rejected] (protected tag hook declined)", "bypass list"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "contents"),
        ("remote: Write access to repository not granted.", "contents: write"),
        (
            "ERROR: The key you are authenticating with has been marked as read only.",
            "write access",
        ),
        (
            "fatal: could not read Username for 'https://x': terminal prompts disabled",
            "persist-credentials",
        ),
        ("fatal: Authentication failed for 'https://x/'", "persist-credentials"),
    ],
)
def test_a_refusal_says_who_can_help(words: str, hint: str) -> None:
    assert hint in refusal(Repo(Path()), REF, words).hint


def test_words_that_nobody_knows_are_passed_on() -> None:
    assert "the disk is full" in str(refusal(Repo(Path()), REF, "remote: the disk is full"))


@pytest.mark.parametrize(
    "words",
    [
        "remote: error: cannot lock ref 'refs/tags/x': is at 1f but expected 2e",
        "error: cannot lock ref 'refs/tags/x': reference already exists",
        "Unable to create '/srv/o.git/./refs/tags/x.lock': File exists.",
        "!\t1f:refs/tags/x\t[remote rejected] (failed to update ref)",
        "!\t1f:refs/tags/x\t[remote rejected] (atomic transaction failed)",
        "!\t1f:refs/tags/x\t[remote rejected] (incorrect old value provided)",
    ],
)
def test_refs_that_others_write_at_the_moment_are_tried_again(words: str) -> None:
    assert is_busy(words)


@pytest.mark.parametrize(
    "words",
    [
        "fatal: the remote end hung up unexpectedly",
        "error: RPC failed; curl 56 GnuTLS recv error",
        "!\t1f:refs/tags/x\t[remote failure] (remote failed to report status)",
    ],
)
def test_a_broken_connection_says_nothing_about_what_was_written(words: str) -> None:
    assert has_vanished(words)
    assert not is_busy(words)
