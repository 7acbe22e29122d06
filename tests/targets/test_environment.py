"""The environment of a version: made from its lock, with this very pennon in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pennon import __version__
from pennon.errors import TargetError
from pennon.targets import interpreter

ROOT = Path(__file__).parents[2]


def test_a_lock_becomes_an_environment_with_this_pennon_and_is_made_once(tmp_path: Path) -> None:
    (bundle := tmp_path / "churn@v1.0.0").mkdir()
    shutil.copy(ROOT / "scripts" / "locks" / "core.txt", bundle / "requirements.lock")
    python = interpreter(bundle, tmp_path / "environments")
    told = subprocess.run(
        [python, "-c", "import pennon; print(pennon.__version__, pennon.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert told[0] == __version__
    assert Path(told[1]).is_relative_to(tmp_path)
    made = python.stat().st_mtime_ns
    assert interpreter(bundle, tmp_path / "environments").stat().st_mtime_ns == made


def test_a_lock_that_cannot_be_installed_leaves_nothing(tmp_path: Path) -> None:
    (bundle := tmp_path / "churn@v1.0.0").mkdir()
    (bundle / "requirements.lock").write_text("click==8.2.0 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(TargetError, match="uv pip sync failed"):
        interpreter(bundle, tmp_path / "environments")
    assert list((tmp_path / "environments").iterdir()) == []


def test_a_version_without_a_lock_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"no requirements\.lock; register a version"):
        interpreter(tmp_path, tmp_path / "environments")
