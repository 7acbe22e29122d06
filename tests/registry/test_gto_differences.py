"""Where pennon reads another thing than GTO 1.10: each line of that table in docs/registry.md."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gto.api
import pytest
from gto.exceptions import ManyVersions

from pennon.git import Repo
from pennon.registry import ModelState, Version, read_model
from registry.oracle import FIRST_COMMIT, FIRST_TAG, Written, by_gto, commits, repository, write
from worlds import Ledger, run_git


@pytest.fixture
def folder() -> Iterator[Path]:
    with repository() as folder:
        yield folder


def given(folder: Path, *names: str, commit: int = 0) -> ModelState:
    """Tags on one commit, a second apart; what pennon reads from them."""
    start = FIRST_TAG + 100 * commit
    write(folder, [Written(name, commit, start + i) for i, name in enumerate(names)])
    return read_model(Repo(folder), "churn")


def raw_tag(folder: Path, name: str, header: str, message: bytes) -> None:
    """A tag object as nobody should make it."""
    text = f"object {commits(folder)[0]}\ntype commit\ntag {name}\n{header}\n".encode() + message
    made = subprocess.run(
        ["git", "hash-object", "-t", "tag", "-w", "--literally", "--stdin"],
        cwd=folder,
        input=text,
        capture_output=True,
        check=True,
    )
    run_git(folder, "update-ref", f"refs/tags/{name}", made.stdout.decode().strip())


def test_the_gto_program_shows_the_versions_and_stages_that_pennon_wrote(clone: Path) -> None:
    ledger = Ledger(clone)
    for version in ("v1.0.0", "v1.1.0"):
        ledger.register(version)
        ledger.assign(version)
    ledger.assign("v1.0.0")
    command = [str(Path(sys.executable).parent / "gto"), "show", "--json", "--repo", str(clone)]
    theirs = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert theirs["churn"]["version"] == "v1.1.0"
    assert theirs["churn"]["stage"] == {"champion": "v1.0.0"}


def test_within_a_second_the_counter_decides_and_not_the_kind(folder: Path) -> None:
    tags = ["churn@v1.0.0", "churn#prod#1", "churn#prod!#2", "churn#prod#3"]
    write(folder, [Written(name, 0, FIRST_TAG) for name in tags])
    assert read_model(Repo(folder), "churn").holder("prod") == Version("v1.0.0")
    assert by_gto(folder)["churn"].stages == {}


def test_a_lightweight_tag_is_a_finding_where_gto_is_silent(folder: Path) -> None:
    given(folder, "churn@v1.0.0")
    write(folder, [Written("churn#prod#1", 0, 0, sound=False)])
    (finding,) = read_model(Repo(folder), "churn").findings
    assert "is a lightweight tag" in finding.what
    assert by_gto(folder)["churn"].stages == {}


def test_a_stage_of_a_commit_without_a_version_is_a_finding(folder: Path) -> None:
    state = given(folder, "churn#prod#1")
    assert "neither its payload nor its commit" in state.findings[0].what
    assert by_gto(folder)["churn"].stages == {"prod": commits(folder)[0]}


def test_of_two_versions_on_a_commit_the_higher_is_meant_where_gto_breaks(folder: Path) -> None:
    state = given(folder, "churn@v1.0.0", "churn@v1.1.0", "churn#prod#1")
    assert state.holder("prod") == Version("v1.1.0")
    with pytest.raises(ManyVersions):
        by_gto(folder)


def test_the_payload_says_which_version_where_gto_sees_the_commit_alone(clone: Path) -> None:
    ledger = Ledger(clone)
    ledger.register("v1.0.0")
    written = ledger.assign("v1.0.0")
    message = run_git(clone, "for-each-ref", "--format=%(contents)", f"refs/tags/{written.tag}")
    run_git(clone, "tag", "--delete", written.tag)
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message", "the head of the branch")
    run_git(clone, "tag", "--annotate", "--file=-", written.tag, stdin=message)
    assert read_model(Repo(clone), "churn").holder("champion") == Version("v1.0.0")
    assert by_gto(clone)["churn"].stages["champion"] == run_git(clone, "rev-parse", "HEAD")


def test_a_version_is_retired_wherever_the_tag_sits(folder: Path) -> None:
    given(folder, "churn@v1.0.0")
    assert given(folder, "churn@v1.0.0!", commit=1).latest is None
    assert by_gto(folder)["churn"].latest == "v1.0.0"


def test_the_word_created_means_nothing_where_gto_breaks(folder: Path) -> None:
    assert given(folder, "churn@v1.0.0", "churn@created").findings == ()
    with pytest.raises(KeyError):
        gto.api.show(folder)


def test_the_name_inside_a_tag_does_not_count_where_gto_believes_it(folder: Path) -> None:
    given(folder, "churn@v1.0.0", "churn@v2.0.0")
    oid = run_git(folder, "rev-parse", "refs/tags/churn@v2.0.0")
    run_git(folder, "update-ref", "refs/tags/churn@v1.0.1", oid)
    run_git(folder, "update-ref", "-d", "refs/tags/churn@v2.0.0")
    state = read_model(Repo(folder), "churn")
    assert (state.latest, len(state.findings)) == (Version("v1.0.0"), 1)
    assert by_gto(folder)["churn"].latest == "v2.0.0"


@pytest.mark.parametrize(
    ("header", "message", "what", "error"),
    [
        ("", b"hand\n", "no tagger", AttributeError),
        ("tagger Ada <a@b> 1700000009 +0000\n", b"\xff\n", "", UnicodeDecodeError),
    ],
)
def test_a_tag_that_breaks_gto_does_not_stop_the_others(
    folder: Path, header: str, message: bytes, what: str, error: type[Exception]
) -> None:
    given(folder, "churn@v1.0.0")
    raw_tag(folder, "churn@v1.0.1", header, message)
    state = read_model(Repo(folder), "churn")
    assert Version("v1.0.0") in state.versions
    assert what in "".join(finding.what for finding in state.findings)
    with pytest.raises(error):
        by_gto(folder)


def test_the_newest_assignment_holds_a_stage_where_gto_s_python_says_the_highest(
    folder: Path,
) -> None:
    given(folder, "churn@v1.0.0")
    given(folder, "churn@v1.1.0", "churn#prod#1", commit=1)
    write(folder, [Written("churn#prod#2", 0, FIRST_TAG + 900)])
    assert read_model(Repo(folder), "churn").holder("prod") == Version("v1.0.0")
    assert by_gto(folder)["churn"].stages == {"prod": "v1.0.0"}  # `gto show` agrees with us
    (found,) = gto.api.find_versions_in_stage(folder, "churn", "prod")
    assert found.version == "v1.1.0"


@pytest.mark.parametrize("said", ["version: v9.9.9", "note\n\nversion: v9.9.9", "a\n\nversion: 9"])
def test_what_a_person_says_in_a_message_is_no_payload(folder: Path, said: str) -> None:
    given(folder, "churn@v1.0.0")
    header = "tagger Ada <a@b> 1700000009 +0000\n"
    raw_tag(folder, "churn#prod#1", header, f"{said}\n".encode())
    assert read_model(Repo(folder), "churn").holder("prod") == Version("v1.0.0")
    assert by_gto(folder)["churn"].stages == {"prod": "v1.0.0"}


def test_a_payload_that_names_no_version_does_not_count(folder: Path) -> None:
    given(folder, "churn@v1.0.0")
    body = "by hand\n\nversion: latest\nstage: prod\nreason: x\nactor: y\n"
    header = "tagger Ada <a@b> 1700000009 +0000\n"
    raw_tag(folder, "churn#prod#1", header, body.encode())
    assert read_model(Repo(folder), "churn").holder("prod") == Version("v1.0.0")


def test_leaving_a_stage_on_a_commit_without_a_version_is_a_finding(folder: Path) -> None:
    assert "neither its payload" in given(folder, "churn@v1.0.0!", "churn#prod!#1").findings[0].what


def test_a_commit_of_a_later_date_does_not_undo_a_retirement(folder: Path) -> None:
    tags = [("churn@v1.0.0", FIRST_COMMIT - 9), ("churn@deprecated", FIRST_COMMIT - 8)]
    write(folder, [Written(name, 0, seconds) for name, seconds in tags])
    assert read_model(Repo(folder), "churn").retired
    assert not by_gto(folder)["churn"].retired
