"""An installed pennon has its template, its actions and itself to give on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a fresh environment that holds nothing but our wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, f"{wheel}[new]", cwd=folder)
    return python.parent


def test_a_wheel_bakes_a_sound_repository(installed: Path, tmp_path: Path) -> None:
    run(installed / "pennon", "new", "flights", "--yes", cwd=tmp_path)
    assert run(installed / "pennon", "check", cwd=tmp_path / "flights").startswith("sound")


def test_a_wheel_exports_what_can_be_installed_again(installed: Path, tmp_path: Path) -> None:
    code = "from pathlib import Path; from pennon.assets import export; export(Path('kit'))"
    run(installed / "python", "-c", code, cwd=tmp_path)
    other = tmp_path / "other"
    run(UV, "venv", "--quiet", "--python", sys.executable, other, cwd=tmp_path)
    python = other / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--no-deps", "--python", python, "./kit", cwd=tmp_path)
    found = run(python, "-c", "import pennon; print(pennon.__file__)", cwd=tmp_path)
    assert str(other) in found
