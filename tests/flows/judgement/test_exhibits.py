"""What a page draws is computed beside the candidate, released with it, and compared with later."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.config import Task
from pennon.errors import ArtifactError
from pennon.evaluation.points import ClassifierCurves
from pennon.flows.assignment.assign import Ask as Promotion
from pennon.flows.judgement.exhibits import EXHIBITS, beside_champion, exhibits, keep, kept
from pennon.flows.judgement.rows import FULL, prepare
from pennon.flows.promote import promote
from pennon.flows.register import Ask, register
from pennon.flows.registration.papers import FILES, write_page
from pennon.flows.train import train
from pennon.flows.world import World
from pennon.registry import RunKind
from pennon.report import Kind, stopped_view
from pennon.report.exhibits import Exhibits
from pennon.report.view import Facts, Run
from shop import MODEL, improve, shop


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return shop(tmp_path_factory.mktemp("exhibits"))


def _trained(world: World) -> tuple[Path, Exhibits]:
    """A full candidate, and what it has to show."""
    config = world.config()
    found = train(world, MODEL, data=FULL, kind=RunKind.CANDIDATE)
    shown = exhibits(config, MODEL, found.rows, candidate=found.predictions)
    return found.candidate.folder, shown


@pytest.fixture(scope="module")
def registered(world: World) -> Exhibits:
    """What the champion has shown; the work tree has a better model meanwhile."""
    folder, shown = _trained(world)
    keep(folder, shown)
    register(world, Ask(models=(MODEL,), candidate=True))
    promote(world, Promotion(model=MODEL))
    improve(world)
    return shown


def test_exhibits_are_of_the_rows_that_judge_and_of_those_outside(world: World) -> None:
    rows = prepare(world, world.config(), MODEL, FULL)
    _, shown = _trained(world)
    assert isinstance(shown.curves, ClassifierCurves)
    assert shown.curves.rows == len(rows.judged)
    assert shown.curves.threshold == world.config().model(MODEL).threshold
    assert shown.profile is not None
    assert shown.profile.rows == len(rows.pool)
    assert (shown.unit, world.config().model(MODEL).task) == ("left", Task.CLASSIFICATION)


def test_exhibits_are_read_back(tmp_path: Path, registered: Exhibits) -> None:
    keep(tmp_path, registered)
    assert kept(tmp_path) == registered


def test_a_run_that_kept_nothing_has_nothing_to_show(tmp_path: Path) -> None:
    assert kept(tmp_path) == Exhibits()


def test_exhibits_of_nobodys_pennon_are_named(tmp_path: Path) -> None:
    (tmp_path / EXHIBITS).write_text('{"curves": 3}')
    with pytest.raises(ArtifactError, match=EXHIBITS):
        kept(tmp_path)


def test_a_release_has_them_and_the_page_that_draws_them(
    world: World, registered: Exhibits, tmp_path: Path
) -> None:
    state = world.state(MODEL)
    version = state.holder("champion")
    assert version is not None
    tag = state.find(version).tag
    for name in FILES:
        world.forge.download_asset(tag, name, tmp_path / name)
    assert kept(tmp_path) == registered
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'id="roc"' in text
    assert 'id="data"' in text


def test_the_next_candidate_is_shown_beside_the_champions_rows(
    world: World, registered: Exhibits
) -> None:
    _, shown = _trained(world)
    found = beside_champion(world, world.state(MODEL), shown)
    assert found.before == registered.profile
    assert found.curves == shown.curves


def test_a_champion_whose_release_cannot_be_read_is_left_out(
    world: World, registered: Exhibits
) -> None:
    assert registered.profile is not None
    state = world.state(MODEL)
    assert beside_champion(world, state, registered).before is not None  # from now on it is kept
    (file,) = (world.workshop / "exhibits").glob("*.json")
    file.write_text("{")
    assert beside_champion(world, state, registered).before is None


def test_without_a_champion_there_is_nothing_beside(tmp_path: Path) -> None:
    world = shop(tmp_path)
    _, shown = _trained(world)
    assert beside_champion(world, world.state(MODEL), shown) == shown


def test_a_review_that_measured_nothing_has_a_page_as_well(tmp_path: Path) -> None:
    facts = Facts(model=MODEL, run=Run(id=1))
    write_page(tmp_path / "new", stopped_view(facts, Kind.DATA_BROKEN, "no rows"))
    assert "no rows" in (tmp_path / "new" / "report.html").read_text(encoding="utf-8")
