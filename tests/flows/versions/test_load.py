"""A registered model in a notebook or job: verified, loaded, kept by its digest."""

from __future__ import annotations

from pathlib import Path

import pytest

import pennon
from pennon.cli.world import forge
from pennon.errors import ArtifactError, ForgeError, GitError, RegistryError
from pennon.flows.assignment.assign import Ask
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.world import World
from pennon.git import Repo
from pennon.runner import Runner
from shop import MODEL, customers, improve, shop
from worlds import run_git


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    """v1.0.0 is champion, v1.1.0 is registered."""
    found = shop(tmp_path_factory.mktemp("load"))
    register(found, Registration())
    promote(found, Ask(model=MODEL))
    improve(found)
    register(found, Registration())
    return found


@pytest.fixture
def at(here: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PENNON_FORGE", f"local:{here.root.parent / 'forge'}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return here.root


def test_a_name_means_the_champion(at: Path) -> None:
    found = pennon.load(MODEL, repo=at)
    assert found.facts.version == "v1.0.0"
    assert found.predict(customers(20)).shape == (20,)


def test_the_working_directory_is_the_repository_if_none_is_named(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(at / "src")
    assert pennon.load(f"{MODEL}@v1.1.0").facts.version == "v1.1.0"


def test_a_url_needs_no_clone_and_is_fetched_once(
    at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"file://{at.parent / 'origin.git'}"
    assert pennon.load(f"{MODEL}#champion", repo=url).facts.version == "v1.0.0"
    (kept,) = (tmp_path / "cache" / "pennon").glob("*.git")
    monkeypatch.setenv("PENNON_FORGE", f"local:{tmp_path / 'gone'}")
    again = pennon.load(MODEL, repo=url)
    assert again.folder.is_relative_to(kept)


def test_what_is_not_registered_is_refused(at: Path) -> None:
    with pytest.raises(RegistryError, match="is not registered"):
        pennon.load(f"{MODEL}@v9.0.0", repo=at)
    with pytest.raises(GitError, match="nowhere"):
        pennon.load(MODEL, repo="nowhere")


def test_a_file_that_is_not_the_recorded_one_is_never_loaded(at: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", str(at.parent / "origin.git"), "fresh")
    file = next((at.parent / "forge" / "releases").glob("*v1.1.0/assets/model.skops"))
    sound = file.read_bytes()
    file.write_bytes(sound + b"x")
    try:
        with pytest.raises(ArtifactError, match="is not the file that was recorded"):
            pennon.load(f"{MODEL}@v1.1.0", repo=tmp_path / "fresh")
    finally:
        file.write_bytes(sound)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/shop",
        "https://x:y@github.com/acme/shop.git",
        "git@github.com:acme/shop.git",
        "ssh://git@github.com/acme/shop.git",
    ],
)
def test_a_clone_of_a_repository_on_github_has_its_releases_there(clone: Path, url: str) -> None:
    run_git(clone, "remote", "set-url", "origin", url)
    runner = Runner.from_environment({}, None)  # type: ignore[arg-type]  # nothing is said
    with pytest.raises(ForgeError, match="no token for acme/shop"):
        forge(Repo(clone), runner, {})
    found = forge(Repo(clone), runner, {"GH_TOKEN": "t"})
    assert found.where == "acme/shop on github.com"
