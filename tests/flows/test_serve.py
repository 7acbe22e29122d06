"""What is served by `pennon serve`: whoever holds the stage, as the remote says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pennon.artifacts.bundle import Bundle
from pennon.errors import GitError, RegistryError
from pennon.flows.assignment.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.serve import Wanted
from pennon.flows.world import World
from pennon.registry import reference
from shop import MODEL, improve, shop, world
from worlds import run_git

CHAMPION = reference(f"{MODEL}#champion")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serve") / "kept"
    here = shop(folder)
    register(here, Registration(dispatch=False))
    promote(here, Ask(model=MODEL))
    return folder


@pytest.fixture
def here(kept: Path, tmp_path: Path) -> World:
    shutil.copytree(kept, tmp_path / "here")
    run_git(
        tmp_path / "here/work", "remote", "set-url", "origin", str(tmp_path / "here/origin.git")
    )
    return world(tmp_path / "here" / "work")


def test_the_holder_of_the_stage_is_served(here: World) -> None:
    found = Wanted(here, CHAMPION, workers=2)()
    assert (found.model, found.live.version, found.workers) == (MODEL, "v1.0.0", 2)
    assert Bundle(Path(found.live.bundle)).facts.version == "v1.0.0"


def test_a_promotion_elsewhere_is_followed(here: World, tmp_path: Path) -> None:
    """The clone that serves has never seen the commit of the new version."""
    run_git(tmp_path / "here", "clone", "--quiet", str(tmp_path / "here/origin.git"), "server")
    server = world(tmp_path / "here" / "server")
    wanted = Wanted(server, CHAMPION, workers=1)
    assert wanted().live.version == "v1.0.0"
    improve(here)
    register(here, Registration(dispatch=False))
    promote(here, Ask(model=MODEL))
    found = wanted()
    assert found.live.version == "v1.1.0"
    assert Bundle(Path(found.live.bundle)).facts.version == "v1.1.0"


def test_a_remote_that_goes_away_is_said_and_not_guessed_at(here: World) -> None:
    wanted = Wanted(here, CHAMPION, workers=1)
    wanted()
    run_git(here.root, "remote", "set-url", "origin", "/nowhere")
    with pytest.raises(GitError):
        wanted()


def test_without_its_remote_a_server_starts_by_the_tags_of_its_clone(here: World) -> None:
    run_git(here.root, "remote", "set-url", "origin", "/nowhere")
    assert Wanted(here, CHAMPION, workers=1)().live.version == "v1.0.0"


def test_a_stage_that_nobody_holds_is_an_error(here: World) -> None:
    with pytest.raises(RegistryError, match=r"held now: champion is v1\.0\.0"):
        Wanted(here, reference(f"{MODEL}#canary"), workers=1)()
