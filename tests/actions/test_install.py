"""The script that all actions share: which environment a job gets, and what stops it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.assets import export
from worlds import run_git

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def before(folder: Path) -> str:
    return os.pathsep.join([str(folder), os.environ["PATH"]])


class Job:
    """What a runner gives to a step: folders, files to write into, a path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kit = export(folder / "kit")
        self.tools = folder / "tools"
        self.path = folder / "path"

    def start(self, *arguments: str, path: str = "") -> subprocess.Popen[str]:
        """The script, with the programs of `path`, else with this environment's before others."""
        environment = os.environ | {
            "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_PATH": str(self.path),
            "PATH": path or before(BIN),
            "PENNON_TOOLS": str(self.tools),
        }
        return subprocess.Popen(
            [str(self.kit / "actions" / "setup" / "install.sh"), *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, path: str = "") -> tuple[int, str]:
        """Exit code, and what it said."""
        process = self.start(*arguments, path=path)
        said, _ = process.communicate()
        return process.returncode, said

    def made(self) -> set[str]:
        return {folder.name for folder in self.tools.iterdir() if folder.is_dir()}


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    yield Job(tmp_path)
    shutil.rmtree(tmp_path / "tools", ignore_errors=True)


def test_light_gives_a_pennon_without_the_libraries_of_training(job: Job) -> None:
    assert job.run("light") == (0, "")
    programs = Path(job.path.read_text().strip())
    said = subprocess.run([programs / "pennon", "--version"], capture_output=True, check=True)
    assert said.stdout.startswith(b"pennon ")
    asked = [str(programs / "python"), "-c", "import numpy"]
    assert b"ModuleNotFoundError" in subprocess.run(asked, capture_output=True, check=False).stderr


NOBODY = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
ADA = {"GITHUB_ACTOR": "ada", "GITHUB_ACTOR_ID": "7"}


def named(job: Job, repo: Path, **variables: str) -> dict[str, str]:
    """What later steps of a job get, on a runner where git knows nobody."""
    file = job.folder / "env"
    file.unlink(missing_ok=True)
    ours = ("GIT_AUTHOR", "GIT_COMMITTER", "GITHUB_")
    clean = {name: it for name, it in os.environ.items() if not name.startswith(ours)} | {
        "GITHUB_ENV": str(file),
        "GITHUB_PATH": str(job.path),
        "PATH": before(BIN),
        "PENNON_TOOLS": str(job.tools),
    }
    script = str(job.kit / "actions" / "setup" / "install.sh")
    subprocess.run([script, "light"], cwd=repo, env=clean | NOBODY | variables, check=True)
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_a_runner_without_an_identity_can_write_tags_and_commits(job: Job, clone: Path) -> None:
    given = named(job, clone, **ADA)
    assert given["GIT_COMMITTER_EMAIL"] == "7+ada@users.noreply.github.com"
    clean = {"PATH": os.environ["PATH"], **NOBODY}
    for command in (["tag", "-a", "v1", "-m", "x"], ["commit", "--allow-empty", "-qm", "x"]):
        write = ["git", "-c", "user.useConfigOnly=true", *command]
        refused = subprocess.run(write, cwd=clone, env=clean, capture_output=True, check=False)
        assert refused.returncode != 0
        subprocess.run(write, cwd=clone, env=clean | given, check=True)
    assert run_git(clone, "log", "-1", "--format=%an %cn") == "ada ada"


def test_whoever_runs_it_again_is_named(job: Job, clone: Path) -> None:
    given = named(job, clone, **ADA, GITHUB_TRIGGERING_ACTOR="bob")
    assert (given["GIT_AUTHOR_NAME"], given["GIT_AUTHOR_EMAIL"]) == (
        "bob",
        "bob@users.noreply.github.com",
    )


def test_an_identity_that_the_job_has_set_stays(job: Job, clone: Path) -> None:
    assert "GIT_COMMITTER_NAME" not in named(job, clone, **ADA, GIT_COMMITTER_NAME="robot")
    run_git(clone, "config", "user.name", "robot")
    assert "GIT_COMMITTER_NAME" not in named(job, clone, **ADA)


def test_where_no_uv_is_it_gets_the_one_that_the_repository_locks(job: Job) -> None:
    programs = job.folder / "programs"
    programs.mkdir()
    for name in ("bash", "cat", "cut", "dirname", "find", "git", "mkdir", "mktemp", "rm", "sort"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    assert job.run("light", path=str(programs))[0] == 0
    uv = Path(job.path.read_text().splitlines()[0]) / "uv"
    assert uv.is_relative_to(job.tools)
    said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout
    locked = re.search(r"^uv==(\S+)", (ROOT / "scripts/locks/dev.txt").read_text(), re.MULTILINE)
    assert locked
    assert said.split()[1] == locked[1]


def test_what_builds_pennon_is_what_the_repository_locks(job: Job) -> None:
    lock = job.kit / "scripts" / "locks" / "build.txt"
    lock.write_text(re.sub("sha256:.{4}", "sha256:0000", lock.read_text()))
    code, said = job.run("light")
    assert code != 0
    assert "hash" in said.lower()
    assert job.made() == set()


def test_jobs_with_the_same_tools_share_an_environment(job: Job) -> None:
    """Two make it at once; a third finds it."""
    both = [job.start("light"), job.start("light")]
    assert [process.communicate()[0] for process in both] == ["", ""]
    assert job.run("light") == (0, "")
    assert len(job.made()) == 1  # and no draft is left
    assert len(set(job.path.read_text().splitlines())) == 1


@pytest.mark.parametrize(
    "file",
    [
        "scripts/locks/core.txt",
        "scripts/locks/build.txt",
        "scripts/pennon/report/words.py",
        "scripts/pennon/report/templates/comment.md.j2",
    ],
)
def test_another_lock_or_another_pennon_has_an_environment_of_its_own(job: Job, file: str) -> None:
    job.run("light")
    with (job.kit / file).open("a") as text:
        text.write("\n# changed\n")
    job.run("light")
    assert len(job.made()) == 2


def test_a_module_with_another_name_is_another_pennon(job: Job) -> None:
    job.run("light")
    words = job.kit / "scripts" / "pennon" / "report" / "words.py"
    words.rename(words.with_name("phrases.py"))
    job.run("light")
    assert len(job.made()) == 2


def test_training_without_a_lock_says_how_to_make_one(job: Job) -> None:
    code, said = job.run("training")
    assert code == 3
    assert "requirements.lock is missing; make it with: uv pip compile" in said


def test_an_old_python_is_refused(job: Job) -> None:
    old = job.folder / "old" / "python3"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit\nexit 1\n')
    old.chmod(0o755)
    code, said = job.run("light", path=before(old.parent))
    assert code == 3
    assert "needs Python 3.11 or newer; Python 3.9.2 is first on the path" in said


def test_a_mode_that_does_not_exist_is_refused(job: Job) -> None:
    assert job.run("heavy") == (2, "::error::install.sh takes light or training, not 'heavy'\n")
