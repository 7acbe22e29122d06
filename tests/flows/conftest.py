"""The repository without ML that tests of the ledger's verbs share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from light import Light


@pytest.fixture(scope="session")
def made_light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("light")
    Light.make(folder)
    return folder


@pytest.fixture
def light(made_light: Path, tmp_path: Path) -> Light:
    shutil.copytree(made_light, tmp_path, dirs_exist_ok=True)
    return Light(tmp_path)
