"""Guards, and the one fixture everybody needs: a clone with a bare origin, away from home."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from worlds import Git, new_clone, run_git

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regold", action="store_true", help="write tests/report/golden/* anew, then read the diff"
    )


@pytest.fixture(autouse=True, scope="session")
def away_from_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads the user's git configuration or writes into the user's folders."""
    home = tmp_path_factory.mktemp("home")
    (home / "gitconfig").write_text("[init]\n\tdefaultBranch = main\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        for name in ("GITHUB_ACTIONS", "GITHUB_TOKEN", "GITHUB_REPOSITORY", "PENNON_FORGE"):
            patch.delenv(name, raising=False)
        for name, value in IDENTITY.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment for a process of its own, which finds the libraries of `parquet.txt`."""
    folder = tmp_path_factory.mktemp("parquet")
    lock = Path(__file__).parents[1] / "scripts" / "locks" / "parquet.txt"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*uv, "--target", str(folder), "-r", str(lock)], check=True)
    return dict(os.environ) | {"PYTHONPATH": str(folder)}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return new_clone(tmp_path)


@pytest.fixture
def git(clone: Path) -> Git:
    """`git("tag", "v1")` in the clone."""
    return lambda *arguments, **more: run_git(clone, *arguments, **more)
