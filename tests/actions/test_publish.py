"""What a release of pennon does: built from locked tools, and followed by the major tag."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from worlds import Git, commit_all

ROOT = Path(__file__).parents[2]
JOBS: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "publish.yml").read_text())[
    "jobs"
]


def release(clone: Path, git: Git, tag: str) -> str:
    """A released commit on which the job's own step runs; the commit."""
    commit = commit_all(clone, tag)
    git("tag", tag)
    git("push", "--quiet", "origin", "main", tag)
    (step,) = [step for step in JOBS["major"]["steps"] if "run" in step]
    assert step["env"] == {"RELEASED": "${{ github.event.release.tag_name }}"}
    environment = os.environ | {"RELEASED": tag}
    subprocess.run(["bash", "-ec", step["run"]], cwd=clone, env=environment, check=True)
    return commit


def at(git: Git, tag: str) -> str:
    return git("ls-remote", "origin", f"refs/tags/{tag}").partition("\t")[0]


@pytest.mark.parametrize(("tags", "major"), [(["v0.1.0", "v0.2.0"], "v0"), (["v12.0.1"], "v12")])
def test_the_major_tag_follows_the_release(
    clone: Path, git: Git, tags: list[str], major: str
) -> None:
    released = [release(clone, git, tag) for tag in tags]
    assert at(git, major) == released[-1]
    assert [at(git, tag) for tag in tags] == released


def test_the_next_major_leaves_the_tag_of_the_last_one(clone: Path, git: Git) -> None:
    last = release(clone, git, "v0.9.0")
    release(clone, git, "v1.0.0")
    assert at(git, "v0") == last


def test_the_major_tag_moves_only_for_a_final_release_that_was_published() -> None:
    job = JOBS["major"]
    assert (job["needs"], job["if"]) == ("publish", "${{ !github.event.release.prerelease }}")
    assert job["permissions"] == {"contents": "write"}


def test_what_is_published_is_built_by_locked_tools() -> None:
    (build,) = [s["run"] for s in JOBS["publish"]["steps"] if "uv build" in s.get("run", "")]
    lock = build.split("--build-constraints ")[1]
    assert "--require-hashes" in build
    assert (ROOT / lock).is_file()
