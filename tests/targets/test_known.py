"""Targets are found by name, ours and those of other distributions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pennon.errors import ConfigError
from pennon.targets import known, target
from pennon.targets.known import OURS

MODULE = """\
from pennon.targets import Running, Wrong

RENDERS = False

def check(settings):
    return [Wrong(name, "is none of nomad's") for name in settings if name != "region"]

def apply(order, place):
    return Running(version=order.version, url=f"nomad://{place.settings['region']}", changed=True)

def health(order, place):
    return None
"""


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_has_what_a_target_has(name: str) -> None:
    found = target(name)
    assert isinstance(found.RENDERS, bool)
    assert all(map(callable, (found.check, found.apply, found.health)))
    assert "no such" in [it.path for it in found.check({"no such": 1})]


def test_a_name_that_nobody_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no target is called 'moon'; known: local, compose"):
        target("moon")
    assert "moon" not in known.LOADED


def install(folder: Path, module: str) -> dict[str, str]:
    """A distribution with one target called `nomad`; the environment that finds it."""
    subprocess.run(
        [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", folder, "."],
        cwd=_project(folder / "source", module),
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*uv, str(site), str(wheel)], check=True)
    return dict(os.environ) | {"PYTHONPATH": str(site)}


def _project(folder: Path, module: str) -> Path:
    folder.mkdir()
    (folder / "nomad_target.py").write_text(module)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "nomad-target"\nversion = "1"\n'
        '[project.entry-points."pennon.targets"]\nnomad = "nomad_target"\n'
        '[tool.hatch.build.targets.wheel]\ninclude = ["nomad_target.py"]\n'
    )
    return folder


def told(environment: dict[str, str], code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"from pennon.targets import target\n{code}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_target_of_another_distribution_is_found_by_its_entry_point(tmp_path: Path) -> None:
    there = install(tmp_path, MODULE)
    assert told(there, 'print(target("nomad").check({"x": 1})[0].path)') == "x\n"
    assert "no target is called 'moon'; known: local" in told(there, 'target("moon")')
    assert ", nomad\n" in told(there, 'target("moon")')


def test_a_target_that_lacks_something_is_refused(tmp_path: Path) -> None:
    there = install(tmp_path, MODULE.replace("def health", "def ask"))
    assert "the target 'nomad' of nomad_target has no health" in told(there, 'target("nomad")')
