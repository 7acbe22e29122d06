"""Registrations that fail, are cut short or meet: one version, one release, no leftovers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pennon.errors import ForgeError, GitError
from pennon.flows.register import Ask, Registered, register
from pennon.flows.registration import drafts
from pennon.flows.versions.verify import verify
from pennon.flows.world import World
from pennon.registry import read_remote, reference
from shop import MODEL, improve, shop, world
from worlds import run_git

Patch = pytest.MonkeyPatch
DRAFTS = "draft/churn/"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafts")
    shop(folder)
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> World:
    """A repository with nothing registered."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


def down(*_: object) -> None:
    raise ConnectionError("the machine went down")


def versions(here: World) -> list[str]:
    return list(map(str, read_remote(here.repo, MODEL)[0].versions))


def whole(here: World) -> list[str]:
    """The versions, each with a published release that is what its tag says, and no drafts."""
    found = versions(here)
    for version in found:
        assert all(check.ok for check in verify(here, reference(f"{MODEL}@{version}")))
        release = here.forge.release(f"{MODEL}@{version}")
        assert release is not None
        assert not release.draft
    assert here.forge.drafts(DRAFTS) == []
    return found


@pytest.mark.parametrize("act", ["create_release", "upload_asset", "download_asset"])
def test_a_failed_registration_leaves_no_tag_and_no_half_release(
    here: World, monkeypatch: Patch, act: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(here.forge, act, down)
        with pytest.raises(ConnectionError):
            register(here, Ask())
    assert (versions(here), here.forge.drafts(DRAFTS)) == ([], [])
    register(here, Ask())
    assert whole(here) == ["v1.0.0"]


def test_a_tag_that_was_refused_leaves_no_half_release_after_the_next_try(
    here: World,
) -> None:
    """Of a failed push nobody knows whether it arrived: the draft stays until somebody looks."""
    hook = here.root.parent / "origin.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError, match="refused"):
        register(here, Ask())
    hook.unlink()
    register(here, Ask())
    assert whole(here) == ["v1.0.0"]


def test_a_registration_that_was_cut_short_is_published_by_the_next(
    here: World, monkeypatch: Patch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(here.forge, "publish_release", down)
        with pytest.raises(ConnectionError):
            register(here, Ask())
    assert versions(here) == ["v1.0.0"]
    (draft,) = here.forge.drafts(DRAFTS)
    assert draft.assets
    (result,) = register(here, Ask())
    assert (result.version, result.new) == ("v1.0.0", False)
    assert whole(here) == ["v1.0.0"]


def test_a_registration_that_was_killed_is_cleared_away_by_the_next_in_its_clone(
    here: World, monkeypatch: Patch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(here.forge, "download_asset", down)
        patch.setattr(here.forge, "delete_draft", down)
        with pytest.raises(ConnectionError):
            register(here, Ask())
    assert len(here.forge.drafts(DRAFTS)) == 1
    register(here, Ask())
    assert whole(here) == ["v1.0.0"]


def test_drafts_of_others_go_when_nobody_can_be_at_work_on_them(
    here: World, monkeypatch: Patch
) -> None:
    old = here.forge.create_release("draft/churn/old", "", "", here.repo.head())
    monkeypatch.setattr(drafts, "STALE", here.now() - here.now())
    register(here, Ask())
    assert whole(here) == ["v1.0.0"]
    monkeypatch.undo()
    young = here.forge.create_release("draft/churn/young", "", "", here.repo.head())
    assert young.id != old.id
    register(here, Ask())
    assert [it.tag for it in here.forge.drafts(DRAFTS)] == ["draft/churn/young"]


def test_a_dry_run_deletes_nothing(here: World, monkeypatch: Patch) -> None:
    here.forge.create_release("draft/churn/old", "", "", here.repo.head())
    monkeypatch.setattr(drafts, "STALE", here.now() - here.now())
    (planned,) = register(here, Ask(), dry_run=True)
    assert planned.steps[-1].startswith("delete draft/churn/old")
    assert len(here.forge.drafts(DRAFTS)) == 1


def other_clone(here: World) -> World:
    """Another clone of the same remote, with the same forge."""
    work = here.root.parent / "other"
    run_git(here.root.parent, "clone", "--quiet", "origin.git", str(work))
    return world(work)


def meanwhile(here: World, patch: Patch, act: Callable[[], object]) -> None:
    """Let `act` happen between our last upload and our tag."""
    download = here.forge.download_asset
    left = [act]

    def then(tag: str, name: str, to: Path) -> None:
        download(tag, name, to)
        if name == "manifest.json" and left:
            left.pop()()

    patch.setattr(here.forge, "download_asset", then)


def test_two_clones_that_register_at_once_make_two_versions_with_their_own_files(
    here: World, monkeypatch: Patch
) -> None:
    theirs = other_clone(here)
    improve(theirs)
    run_git(here.root, "fetch", "--quiet")
    meanwhile(here, monkeypatch, lambda: register(theirs, Ask()))
    (ours,) = register(here, Ask())
    assert ours.version == "v1.1.0"
    assert whole(here) == ["v1.0.0", "v1.1.0"]


def test_two_clones_that_register_the_same_make_one_version(
    here: World, monkeypatch: Patch
) -> None:
    theirs = other_clone(here)
    meanwhile(here, monkeypatch, lambda: register(theirs, Ask()))
    found: list[Registered] = register(here, Ask())
    assert [(it.version, it.new) for it in found] == [("v1.0.0", False)]
    assert whole(here) == ["v1.0.0"]


def test_a_release_that_is_gone_is_missed(here: World) -> None:
    register(here, Ask())
    shutil.rmtree(here.root.parent / "forge" / "releases")
    with pytest.raises(ForgeError, match=r"the tag churn@v1\.0\.0 has no release"):
        register(here, Ask())
