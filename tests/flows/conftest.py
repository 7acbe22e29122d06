"""Repositories in a state that several tests start from; each test has a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from light import Light
from memory import Memory
from pennon.flows.assignment.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.world import World
from pennon.targets import known
from shop import MODEL, improve, shop, world
from worlds import run_git


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """The target that environments of this name in pennon.yaml run on."""
    found = Memory()
    monkeypatch.setitem(known.LOADED, "memory", found)
    return found


@pytest.fixture(scope="session")
def made_light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("light")
    Light.make(folder)
    return folder


@pytest.fixture
def light(made_light: Path, tmp_path: Path) -> Light:
    """The repository without ML."""
    shutil.copytree(made_light, tmp_path, dirs_exist_ok=True)
    return Light(tmp_path)


@pytest.fixture(scope="session")
def championed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's folder; v1.0.0 is champion."""
    folder = tmp_path_factory.mktemp("championed") / "stage"
    here = shop(folder)
    register(here, Registration())
    promote(here, Ask(model=MODEL))
    return folder


@pytest.fixture(scope="session")
def challenged(championed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same; v1.1.0, which is better, was registered after that."""
    folder = tmp_path_factory.mktemp("challenged") / "stage"
    shutil.copytree(championed, folder)
    here = world(folder / "work")
    improve(here)
    register(here, Registration())
    return folder


@pytest.fixture
def branch(championed: Path, tmp_path: Path) -> World:
    """A branch off main; v1.0.0 is champion."""
    shutil.copytree(championed, tmp_path, dirs_exist_ok=True)
    here = world(tmp_path / "work")
    run_git(here.root, "switch", "--quiet", "--create", "change")
    return here
