from __future__ import annotations

from pathlib import Path

import pytest

from pennon.errors import GitError
from pennon.git import Repo
from worlds import Git, run_git


def test_a_folder_outside_of_git_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is not in a git repository; git init"):
        Repo.at(tmp_path)


def test_the_repository_is_found_from_a_folder_below(clone: Path) -> None:
    below = clone / "src" / "deep"
    below.mkdir(parents=True)
    assert Repo.at(below).root == clone


def test_a_bare_repository_can_be_read(clone: Path) -> None:
    assert Repo.at(clone.parent / "origin.git").head() == Repo.at(clone).head()


def test_an_untracked_and_a_changed_file_make_the_tree_dirty(clone: Path) -> None:
    (clone / "README.md").write_text("changed\n")
    (clone / "new.txt").write_text("new\n")
    assert sorted(Repo.at(clone).changed_files()) == ["README.md", "new.txt"]


def test_an_unknown_revision_is_named(clone: Path) -> None:
    with pytest.raises(GitError, match="no commit 'nowhere'"):
        Repo.at(clone).commit("nowhere")


def test_without_an_identity_nothing_can_be_recorded(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{name}")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    with pytest.raises(GitError, match="git does not know who you are"):
        Repo.at(clone).identity()


def test_a_detached_head_has_no_branch(clone: Path, git: Git) -> None:
    git("checkout", "--quiet", "--detach")
    assert Repo.at(clone).branch() is None


def test_a_clone_without_a_remote_says_how_to_add_one(clone: Path, git: Git) -> None:
    git("remote", "remove", "origin")
    with pytest.raises(GitError, match="git remote add origin"):
        Repo.at(clone).remote_url()


def test_only_the_files_that_a_commit_has_are_extracted(clone: Path, tmp_path: Path) -> None:
    repo = Repo.at(clone)
    repo.extract(repo.head(), ("README.md", "absent.txt"), tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["README.md"]


def test_a_missing_commit_in_a_shallow_clone_names_the_reason(clone: Path, tmp_path: Path) -> None:
    old = Repo.at(clone).head()
    run_git(clone, "commit", "--quiet", "--allow-empty", "--message", "second")
    run_git(clone, "push", "--quiet")
    url = f"file://{clone.parent / 'origin.git'}"
    run_git(tmp_path, "clone", "--quiet", "--depth=1", url, "shallow")
    with pytest.raises(GitError, match="fetch --unshallow"):
        Repo.at(tmp_path / "shallow").commit(old)
