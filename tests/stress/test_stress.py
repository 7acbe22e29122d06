from __future__ import annotations

from pathlib import Path

import pytest

from stress.arena import SEED, enter
from stress.judge import faults
from stress.writers import stress, table
from worlds import run_git


@pytest.mark.slow
def test_writers_who_meet_lose_nothing_and_decide_again(tmp_path: Path) -> None:
    """The short form of `python tests/stress/writers.py --writers 32 --operations 50`."""
    outcome = stress(tmp_path, writers=4, operations=5, models=1)
    assert outcome.faults == [], table(outcome)
    assert len(outcome.reported) == 20
    assert outcome.conflicts > 0


@pytest.mark.slow
def test_the_judge_finds_an_event_that_was_lost(tmp_path: Path) -> None:
    outcome = stress(tmp_path, writers=1, operations=6, models=1)
    lost = next(done for done in outcome.reported if done.wrote)
    run_git(tmp_path / SEED, "push", "--quiet", "origin", f":refs/tags/{lost.tag}")
    found = faults(enter(tmp_path, SEED), outcome.reported, [tmp_path / "w0"])
    assert f"{lost.id} is lost" in found
    assert any("stale tag" in fault for fault in found)
