"""Which commit a part of a file came by: edits, other layouts, merges, copies, shallow clones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.git import Repo
from pennon.git.origin import origin
from worlds import Git, commit_all, run_git

FILE = "words.json"


def word(text: str | None) -> object:
    """The part that is looked for."""
    return json.loads(text).get("word") if text else None


def write(clone: Path, message: str, **words: str) -> str:
    (clone / FILE).write_text(json.dumps(words))
    return commit_all(clone, message)


def found(clone: Path) -> str | None:
    it = origin(Repo(clone), run_git(clone, "rev-parse", "HEAD"), FILE, word)
    return it.commit if it else None


def test_other_parts_and_another_layout_change_nothing(clone: Path) -> None:
    made = write(clone, "said", word="a")
    write(clone, "more", word="a", other="b")
    (clone / FILE).write_text(json.dumps({"other": "b", "word": "a"}, indent=3))
    commit_all(clone, "tidy")
    assert found(clone) == made


def test_what_was_taken_back_and_said_again_counts_from_then(clone: Path) -> None:
    write(clone, "said", word="a")
    write(clone, "changed", word="b")
    again = write(clone, "again", word="a")
    assert found(clone) == again


def test_a_merge_does_not_say_what_its_branch_said(clone: Path, git: Git) -> None:
    write(clone, "start", other="b", more="c")
    git("switch", "--quiet", "--create", "side")
    said = write(clone, "said", other="b", more="c", word="a")
    git("switch", "--quiet", "main")
    write(clone, "else", other="x", more="c")
    git("merge", "--quiet", "--no-commit", "--strategy=ours", "side")
    write(clone, "merge", other="x", more="c", word="a")
    assert git("rev-parse", "HEAD^2")
    assert found(clone) == said


def test_a_merge_that_says_something_new_is_where_it_was_said(clone: Path, git: Git) -> None:
    write(clone, "start", word="a")
    git("switch", "--quiet", "--create", "side")
    write(clone, "theirs", word="b")
    git("switch", "--quiet", "main")
    write(clone, "ours", word="c")
    git("merge", "--quiet", "--no-commit", "--strategy=ours", "side")
    assert found_after(clone, "d") == git("rev-parse", "HEAD")


def found_after(clone: Path, said: str) -> str | None:
    write(clone, "merge", word=said)
    return found(clone)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_does_not_guess(clone: Path, tmp_path: Path, depth: int) -> None:
    write(clone, "said", word="a")
    for i in range(3):
        write(clone, f"more {i}", word="a", other=str(i))
    run_git(clone, "push", "--quiet")
    url = f"file://{tmp_path / 'origin.git'}"
    run_git(tmp_path, "clone", "--quiet", f"--depth={depth}", url, "shallow")
    assert found(tmp_path / "shallow") is None


def test_a_shallow_clone_knows_what_it_has(clone: Path, tmp_path: Path) -> None:
    write(clone, "start", other="b")
    said = write(clone, "said", word="a")
    run_git(clone, "push", "--quiet")
    url = f"file://{tmp_path / 'origin.git'}"
    run_git(tmp_path, "clone", "--quiet", "--depth=2", url, "shallow")
    assert found(tmp_path / "shallow") == said


def test_the_author_is_told_not_who_committed(clone: Path, git: Git) -> None:
    write(clone, "said", word="a")
    git("commit", "--quiet", "--amend", "--no-edit", "--author=Ada <ada@example.com>")
    it = origin(Repo(clone), git("rev-parse", "HEAD"), FILE, word)
    assert it is not None
    assert (it.name, it.mail) == ("Ada", "ada@example.com")


def test_a_file_that_never_was_has_no_origin(clone: Path) -> None:
    assert found(clone) is None
