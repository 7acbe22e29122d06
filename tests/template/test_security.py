"""The security pack that a new repository begins with; `--regold` writes it anew."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pennon.flows.new import bake
from pennon.flows.security import PAGE, check_page, write_page
from shop import world

ROOT = Path(__file__).parents[2]
OURS = next((ROOT / "template").glob("{{*}}"))


def test_a_new_repository_has_the_page_that_its_own_workflows_make(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    baked = bake(tmp_path / "flights", {})
    changed = write_page(world(baked)).changed
    if request.config.getoption("--regold"):
        shutil.copy(baked / PAGE, OURS / PAGE)
        return
    assert not changed, "pytest tests/template/test_security.py --regold"
    assert check_page(world(baked)).workflows


def test_its_page_names_every_job_and_every_pin_of_ours() -> None:
    text = (OURS / PAGE).read_text()
    for file in (OURS / ".github" / "workflows").glob("*.yml"):
        jobs = file.read_text().partition("\njobs:\n")[2]
        for job in re.findall(r"^  ([\w-]+):", jobs, re.MULTILINE):
            assert f"| `{file.name}` | `{job}` |" in text
    assert "which can move" in text
    assert re.search(r"\| `actions/checkout` v[\d.]+ \| `[0-9a-f]{40}` \|", text)
