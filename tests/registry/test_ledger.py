from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pennon.errors import ConflictError, RegistryError
from pennon.git import Repo
from pennon.registry import (
    Assignment,
    EventKind,
    Registration,
    Version,
    read,
    read_model,
    read_remote,
    reference,
    registration,
    resolve,
)
from pennon.registry.audit import chain
from pennon.registry.write import NewEvent, append
from worlds import Git, Ledger, manifest, run_git


@pytest.fixture
def ledger(clone: Path) -> Ledger:
    """v1.0.0 and v1.1.0 are registered; v1.1.0 is champion after v1.0.0."""
    ledger = Ledger(clone)
    for version in ("v1.0.0", "v1.1.0"):
        ledger.register(version)
        ledger.assign(version)
    return ledger


def test_the_newest_assignment_holds_the_stage(ledger: Ledger) -> None:
    state = read_model(ledger.repo, "churn")
    assert state.holder("champion") == Version("v1.1.0")
    assert list(map(str, state.versions)) == ["v1.0.0", "v1.1.0"]


def test_the_counter_is_one_per_model_over_all_its_tags(ledger: Ledger) -> None:
    ledger.assign("v1.1.0", "challenger")
    tags = [event.tag for event in read_model(ledger.repo, "churn").events]
    assert tags == [
        "churn@v1.0.0",
        "churn#champion#1",
        "churn@v1.1.0",
        "churn#champion#2",
        "churn#challenger#3",
    ]


def test_a_manifest_comes_back_as_it_was_written(ledger: Ledger) -> None:
    written = ledger.register("v1.2.0", params={"depth": 9, "name": "väl: #1"})
    state = read_model(ledger.repo, "churn")
    found = registration(state, Version("v1.2.0"))
    assert written.tag == "churn@v1.2.0"
    assert found.manifest.params == {"depth": 9, "name": "väl: #1"}
    assert found.previous == state.events[-2].oid


def test_a_fresh_clone_reads_the_same_registry(ledger: Ledger, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", str(tmp_path / "origin.git"), "other")
    mine, theirs = (read_model(Repo(p), "churn") for p in (ledger.repo.root, tmp_path / "other"))
    assert mine == theirs


def test_a_write_on_an_old_state_is_refused_and_leaves_nothing(ledger: Ledger) -> None:
    old_state, old_head = read_remote(ledger.repo, "churn")
    ledger.assign("v1.0.0")
    event = NewEvent(
        kind=EventKind.ASSIGN,
        model="churn",
        version=Version("v1.0.0"),
        stage="challenger",
        commit=old_state.find(Version("v1.0.0")).commit,
        payload=Assignment(version="v1.0.0", stage="challenger", reason="late", actor="bob"),
    )
    before = run_git(ledger.repo.root, "for-each-ref", "refs/tags")
    with pytest.raises(ConflictError, match="run the command again"):
        append(ledger.repo, old_state, old_head, event, now=ledger.now)
    assert run_git(ledger.repo.root, "for-each-ref", "refs/tags") == before


def test_a_tag_that_was_never_pushed_does_not_count_when_writing(ledger: Ledger, git: Git) -> None:
    git("tag", "--annotate", "--message", "mine alone", "churn@v9.0.0")
    state, _ = read_remote(ledger.repo, "churn")
    assert Version("v9.0.0") not in state.versions


def test_events_follow_each_other_by_a_second_whatever_the_clock_says(ledger: Ledger) -> None:
    ledger.clock -= 1000
    ledger.assign("v1.0.0")
    events = read_model(ledger.repo, "churn").events
    assert all(a.seconds < b.seconds for a, b in pairwise(events))
    assert events[-1].version == Version("v1.0.0")


def test_the_chain_of_an_untouched_ledger_holds(ledger: Ledger) -> None:
    assert chain(read_model(ledger.repo, "churn")) == []


def test_a_removed_event_breaks_the_chain(ledger: Ledger, git: Git) -> None:
    git("tag", "--delete", "churn#champion#1")
    (finding,) = chain(read_model(ledger.repo, "churn"))
    assert finding.tag == "churn@v1.1.0"


def test_a_lightweight_tag_is_a_finding_and_no_champion(ledger: Ledger, git: Git) -> None:
    git("tag", "churn#champion#9")
    state = read_model(ledger.repo, "churn")
    assert state.holder("champion") == Version("v1.1.0")
    assert [finding.tag for finding in state.findings] == ["churn#champion#9"]


def test_a_stage_tag_made_by_hand_means_the_version_on_its_commit(ledger: Ledger, git: Git) -> None:
    git("tag", "--annotate", "--message", "by hand", "churn#champion#9", "churn@v1.0.0^{commit}")
    assert read_model(ledger.repo, "churn").holder("champion") == Version("v1.0.0")


def test_a_stage_tag_by_hand_on_a_commit_without_a_version_is_a_finding(
    ledger: Ledger, git: Git
) -> None:
    git("commit", "--quiet", "--allow-empty", "--message", "no version here")
    git("tag", "--annotate", "--message", "by hand", "churn#champion#9")
    state = read_model(ledger.repo, "churn")
    assert state.holder("champion") == Version("v1.1.0")
    assert "neither its payload nor its commit" in state.findings[0].what


def test_a_tag_with_another_name_inside_is_a_finding(ledger: Ledger, git: Git) -> None:
    git("update-ref", "refs/tags/churn#champion#9", git("rev-parse", "refs/tags/churn@v1.0.0"))
    assert "the names do not agree" in read_model(ledger.repo, "churn").findings[0].what


def test_versions_before_the_current_one_are_listed_newest_first(ledger: Ledger) -> None:
    ledger.register("v1.2.0")
    ledger.assign("v1.2.0")
    state = read_model(ledger.repo, "churn")
    standing = [str(event.version) for event in state.standing("champion")]
    assert standing == ["v1.2.0", "v1.1.0", "v1.0.0"]


def test_models_do_not_see_each_other(ledger: Ledger, clone: Path) -> None:
    for other in ("churn2", "churn/eu", "team:churn"):
        Ledger(clone, other).register("v5.0.0")
    assert [state.model for state in read(ledger.repo)] == [
        "churn",
        "churn/eu",
        "churn2",
        "team:churn",
    ]
    assert list(map(str, read_model(ledger.repo, "churn").versions)) == ["v1.0.0", "v1.1.0"]
    assert list(map(str, read_model(ledger.repo, "team:churn").versions)) == ["v5.0.0"]


def test_a_stage_may_hold_a_slash(ledger: Ledger) -> None:
    ledger.assign("v1.0.0", "prod/eu")
    assert read_model(ledger.repo, "churn").holder("prod/eu") == Version("v1.0.0")


def test_a_shallow_clone_without_tags_says_so(ledger: Ledger, tmp_path: Path) -> None:
    url = f"file://{tmp_path / 'origin.git'}"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", url, "shallow")
    assert ledger.repo.root.exists()
    with pytest.raises(RegistryError, match="git fetch --tags"):
        read_model(Repo(tmp_path / "shallow"), "churn")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("churn", "v1.1.0"), ("churn#champion", "v1.1.0"), ("churn@v1.0.0", "v1.0.0")],
)
def test_a_reference_means_one_version(ledger: Ledger, typed: str, meant: str) -> None:
    assert str(resolve(ledger.repo, reference(typed))[1]) == meant


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("nobody", "registered models: churn"),
        ("churn@v7.0.0", "its versions are: v1.0.0, v1.1.0"),
        ("churn#canary", "held now: champion is v1.1.0"),
        ("churn#", "names no version"),
        ("@v1.0.0", "names no version"),
    ],
)
def test_a_reference_to_nothing_is_refused_with_what_there_is(
    ledger: Ledger, typed: str, words: str
) -> None:
    with pytest.raises(RegistryError, match=words):
        resolve(ledger.repo, reference(typed))


@pytest.mark.parametrize(
    ("other", "there", "words"),
    [
        ("Churn", "", "upper and lower case only"),
        ("notes/eu", "notes", "a folder of the other"),
        ("a//b", "", "cannot name a model"),
    ],
)
def test_a_new_name_without_room_is_refused_before_anything_is_written(
    ledger: Ledger, git: Git, other: str, there: str, words: str
) -> None:
    if there:
        git("tag", there)
        git("push", "--quiet", "origin", there)
    before = git("ls-remote", "origin", "refs/tags/*")
    with pytest.raises(RegistryError, match=words):
        Ledger(ledger.repo.root, other).register("v1.0.0")
    assert git("ls-remote", "origin", "refs/tags/*") == before


def test_a_second_version_on_a_commit_is_refused(ledger: Ledger) -> None:
    state, head = read_remote(ledger.repo, "churn")
    commit = state.find(Version("v1.1.0")).commit
    payload = Registration(version="v2.0.0", manifest=manifest(commit))
    event = NewEvent(
        kind=EventKind.REGISTER,
        model="churn",
        version=Version("v2.0.0"),
        commit=commit,
        payload=payload,
    )
    with pytest.raises(RegistryError, match="was registered on"):
        append(ledger.repo, state, head, event, now=ledger.now)
