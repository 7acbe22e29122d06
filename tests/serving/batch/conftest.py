"""A version that scores customers, and a folder for their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import Desk
from pennon.flows.train import Trained


@pytest.fixture
def desk(trained: Trained, tmp_path: Path) -> Desk:
    return Desk(trained.candidate.folder, tmp_path)
