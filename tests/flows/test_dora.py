"""Lead times, failures and repairs: from events whose moments are known, and from a real ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pennon.cli.dora import duration
from pennon.flows.dora import Ask, Dora, dora
from pennon.flows.pace import Deployments, Span, Try, Turn, deployments, spans
from pennon.flows.pace import Path as Way
from pennon.flows.world import World
from pennon.forge import DeploymentState, NewDeployment
from pennon.forge.local import LocalForge
from shop import MODEL, shop, world
from worlds import Ledger

HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0


def by_name(found: tuple[Span, ...]) -> dict[str, Span]:
    return {it.name: it for it in found}


def test_each_phase_is_the_time_between_its_two_moments() -> None:
    way = Way(
        version="v1.0.0",
        opened=0,
        merged=DAY,
        registered=DAY + HOUR,
        promoted=DAY + 3 * HOUR,
        deployed=DAY + 3.5 * HOUR,
    )
    found = {name: it.median for name, it in by_name(spans([way])).items()}
    assert found == {
        "review": DAY,
        "registration": HOUR,
        "promotion": 2 * HOUR,
        "deployment": HOUR / 2,
        "all of it": DAY + 3.5 * HOUR,
    }


def test_what_is_not_known_counts_as_not_known() -> None:
    ways = [
        Way(version="v1.0.0", registered=HOUR, promoted=2 * HOUR),
        Way(version="v1.1.0", registered=HOUR, promoted=5 * HOUR),
        Way(version="v1.2.0", registered=HOUR),
    ]
    found = by_name(spans(ways))
    assert (found["promotion"].known, found["promotion"].of) == (2, 3)
    assert (found["promotion"].median, found["promotion"].longest) == (2.5 * HOUR, 4 * HOUR)
    assert (found["review"].known, found["review"].median) == (0, None)


@pytest.mark.parametrize(("merged", "known"), [(HOUR + 5, 1), (2 * HOUR, 0)])
def test_clocks_may_differ_a_little_and_a_later_merge_is_no_way(merged: float, known: int) -> None:
    way = Way(version="v1.0.0", opened=0, merged=merged, registered=HOUR)
    assert by_name(spans([way]))["registration"].known == known


def turn(oid: str, at: float, *, rollback: bool = False) -> Turn:
    return Turn(oid=oid, at=at, rollback=rollback)


def tried(assignment: str, at: float, *, healthy: bool = True) -> Try:
    return Try(assignment=assignment, at=at, healthy=healthy)


TURNS = [
    turn("a", 0),
    turn("b", DAY),
    turn("c", 2 * DAY, rollback=True),  # b was bad
    turn("d", 3 * DAY),
]
TRIES = [
    tried("a", HOUR),
    tried("b", DAY + HOUR),
    tried("c", 2 * DAY + HOUR),
    tried("d", 3 * DAY, healthy=False),
    tried("d", 3 * DAY + 3 * HOUR),
]


def counted(**more: float) -> Deployments:
    return deployments("production", TURNS, TRIES, **({"until": 2 * WEEK} | more))


def test_a_change_fails_that_is_never_healthy_at_first_or_gives_way_to_a_rollback() -> None:
    found = counted()
    assert (found.changes, found.failed, found.rolled_back) == (3, 1, 1)
    assert found.failure_rate == pytest.approx(2 / 3)


def test_a_repair_lasts_from_the_failure_or_the_decision_until_something_is_healthy() -> None:
    restored = counted().restored
    assert (restored.known, restored.of) == (2, 2)
    assert (restored.median, restored.longest) == (2 * HOUR, 3 * HOUR)


def test_a_failure_that_a_rollback_ends_is_one_repair() -> None:
    turns = [turn("a", 0), turn("b", HOUR), turn("c", 2 * HOUR, rollback=True)]
    tries = [tried("a", 0), tried("b", HOUR, healthy=False), tried("c", 2 * HOUR - 1)]
    restored = deployments("production", turns, tries, until=DAY).restored
    assert (restored.known, restored.median) == (1, HOUR)


def test_what_is_broken_still_is_not_restored() -> None:
    found = deployments("production", TURNS, TRIES[:4], until=WEEK).restored
    assert (found.known, found.of) == (1, 2)


def test_frequency_is_of_the_days_that_were_looked_at() -> None:
    assert counted(since=0).weekly == 1.5
    assert counted(since=2.5 * DAY).changes == 1
    assert counted(until=6 * DAY).weekly is None


def test_nothing_deployed_is_no_rate() -> None:
    found = deployments("production", [], [], until=WEEK)
    assert (found.changes, found.failure_rate, found.restored.of) == (0, None, 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0, "0 s"), (200, "3 min 20 s"), (3600, "1 h"), (100_000, "1 d 3 h")],
)
def test_a_duration_has_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def at(hours: float) -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC) + timedelta(hours=hours)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v1.0.0 by a pull request: opened at 0, merged at 2, champion, in production at 4."""
    folder = tmp_path_factory.mktemp("dora") / "world"
    here = shop(folder)
    now = [at(0)]
    forge = LocalForge(folder / "forge", clock=lambda: now[0])
    pull = forge.open_pull(title="first", head="h", base="b", base_branch="main")
    ledger = Ledger(here.root, MODEL, start=int(at(3).timestamp()) - 1)
    ledger.register("v1.0.0")
    now[0] = at(2)
    forge.merge_pull(pull.number, here.repo.head(), by="ann")
    given = ledger.assign("v1.0.0")
    ledger.register("v1.1.0")
    for hour, state in ((3.5, DeploymentState.IN_PROGRESS), (4, DeploymentState.SUCCESS)):
        now[0] = at(hour)
        forge.record_deployment(
            NewDeployment(
                environment="production",
                model=MODEL,
                version="v1.0.0",
                commit=here.repo.head(),
                assignment=given.oid,
                digest="",
                state=state,
            )
        )
    return folder / "work"


@pytest.fixture
def here(made: Path) -> World:
    return world(made)


def told(here: World, **ask: object) -> Dora:
    (found,) = dora(here, Ask(**ask))  # type: ignore[arg-type]  # any of its fields
    return found


def test_tags_pull_requests_and_deployments_are_read(here: World) -> None:
    found = told(here)
    known = {name: (it.known, it.median) for name, it in by_name(found.lead_times).items()}
    assert known["review"] == (1, 2 * HOUR)
    assert known["registration"] == (1, HOUR)
    assert known["deployment"] == (1, HOUR - 1)
    assert known["all of it"] == (1, 4 * HOUR)
    assert found.deployments
    assert (found.deployments.environment, found.deployments.changes) == ("production", 1)
    assert found.unknown == ("the pull requests of v1.1.0: none brought their commits",)


def test_without_the_forge_the_tags_tell_their_part(here: World) -> None:
    found = told(here, forge=False)
    known = {name: it.known for name, it in by_name(found.lead_times).items()}
    assert (known["promotion"], known["review"], known["deployment"]) == (1, 0, 0)
    assert found.deployments is None
    assert "the forge was not asked" in found.unknown[0]


def test_what_began_before_a_day_is_left_out(here: World) -> None:
    found = told(here, since=at(48).date())
    assert found.versions == 0
    assert found.deployments
    assert found.deployments.changes == 0
