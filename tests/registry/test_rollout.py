"""The newest assignment of its stage is the step of a rollout, until the live stage moves."""

from __future__ import annotations

from pathlib import Path

import gto.api
import pytest

from pennon.registry import read_remote
from pennon.registry.payload import Traffic
from pennon.registry.rollout import Running, running
from worlds import Ledger


@pytest.fixture
def ledger(clone: Path) -> Ledger:
    """v1.0.0 is live; v1.1.0 has begun its second step."""
    it = Ledger(clone)
    it.register("v1.0.0")
    it.assign("v1.0.0")
    it.register("v1.1.0")
    for step, share in enumerate((0.01, 0.25), start=1):
        it.assign("v1.1.0", "challenger", traffic=traffic(step, share))
    return it


def traffic(step: int, share: float, live: str = "v1.0.0") -> Traffic:
    return Traffic(step=step, share=share, live=live, plan="sha256:ab")


def found(ledger: Ledger) -> Running | None:
    state, _ = read_remote(ledger.repo, ledger.model)
    return running(state, "challenger", "champion")


def test_the_newest_step_runs_and_the_earlier_ones_are_known(ledger: Ledger) -> None:
    it = found(ledger)
    assert it is not None
    assert (it.version, it.live, it.now.traffic.share) == ("v1.1.0", "v1.0.0", 0.25)
    assert [step.traffic.step for step in it.steps] == [1, 2]
    assert it.began < it.now.seconds


def test_a_new_live_version_ends_it(ledger: Ledger) -> None:
    ledger.register("v1.0.1")
    ledger.assign("v1.0.1")
    assert found(ledger) is None


def test_going_back_to_the_live_version_does_not_bring_it_back(ledger: Ledger) -> None:
    ledger.assign("v1.1.0")
    ledger.assign("v1.0.0", rollback=True)
    assert found(ledger) is None


def test_a_retired_live_version_ends_it(ledger: Ledger) -> None:
    ledger.retire("v1.0.0")
    assert found(ledger) is None


def test_another_challenger_begins_anew(ledger: Ledger) -> None:
    ledger.register("v1.2.0")
    ledger.assign("v1.2.0", "challenger")
    assert found(ledger) is None
    ledger.assign("v1.2.0", "challenger", traffic=traffic(1, 0.01))
    it = found(ledger)
    assert it is not None
    assert (it.version, len(it.steps)) == ("v1.2.0", 1)


def test_a_first_step_begins_anew(ledger: Ledger) -> None:
    ledger.assign("v1.1.0", "challenger", traffic=traffic(1, 0.01))
    it = found(ledger)
    assert it is not None
    assert len(it.steps) == 1


def test_gto_reads_a_step_as_an_assignment(ledger: Ledger) -> None:
    shown = gto.api.show(ledger.repo.root)
    assert shown["churn"]["stage"] == {"champion": "v1.0.0", "challenger": "v1.1.0"}
