"""The target `bundle`: by a deployment, and by its settings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pennon.artifacts.archive import unpack
from pennon.artifacts.bundle import Bundle
from pennon.errors import PennonError, TargetError
from pennon.flows.assignment.assign import Ask as Assignment
from pennon.flows.deploy import deploy
from pennon.flows.promote import promote
from pennon.flows.register import Ask, register
from pennon.flows.world import World
from pennon.forge import DeploymentState
from pennon.stores.files import Folder
from pennon.targets import target
from shop import MODEL, improve, push, shop, world, write


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    here = shop(folder)
    register(here, Ask())
    promote(here, Assignment(model=MODEL))
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path) -> World:
    """v1.0.0 is champion, and the one environment is for machines far away."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    found = world(tmp_path / "work")
    text = (found.root / "pennon.yaml").read_text().partition("environments:")[0]
    settings = f"{{to: {tmp_path}/place}}"
    write(
        found.root,
        "pennon.yaml",
        f"{text}environments: {{edge: {{target: bundle, settings: {settings}}}}}\n",
    )
    push(found, "an environment")
    return found


def pointed(here: World) -> dict[str, object]:
    text = (here.root.parent / "place" / "edge" / MODEL / "current.json").read_text()
    found: dict[str, object] = json.loads(text)
    return found


def test_a_deployment_writes_an_archive_and_points_to_it(here: World, tmp_path: Path) -> None:
    (done,) = deploy(here, "edge", None)
    assert (done.version, done.changed) == ("v1.0.0", True)
    told = pointed(here)
    assert (told["version"], told["name"]) == ("v1.0.0", "churn-v1.0.0.tar.gz")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "place" / str(told["archive"]), tmp_path / "out")
    assert Bundle(tmp_path / "out").facts.version == "v1.0.0"
    (record,) = here.forge.deployments("edge")
    assert (record.state, record.url) == (DeploymentState.SUCCESS, done.url)


def test_a_second_deployment_writes_nothing(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(here, "edge", None)
    monkeypatch.setattr(Folder, "_whole", pytest.fail)
    assert [it.changed for it in deploy(here, "edge", None)] == [False]


@pytest.mark.parametrize("damage", ["corrupted", "removed"])
def test_a_damaged_archive_is_written_again(here: World, tmp_path: Path, damage: str) -> None:
    deploy(here, "edge", None)
    archive = tmp_path / "place" / str(pointed(here)["archive"])
    archive.unlink() if damage == "removed" else archive.write_bytes(b"half")
    assert [it.changed for it in deploy(here, "edge", None)] == [True]
    (tmp_path / "out").mkdir()
    unpack(archive, tmp_path / "out")


def test_a_place_that_is_full_offers_what_it_offered_before(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(here, "edge", None)
    before = pointed(here)
    improve(here)
    register(here, Ask())
    promote(here, Assignment(model=MODEL))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "put", full)
        with pytest.raises(TargetError, match=r"edge: churn@v1\.1\.0 was not written: .*No space"):
            deploy(here, "edge", None)
    assert pointed(here) == before
    assert here.forge.deployments("edge")[0].state is DeploymentState.FAILURE
    deploy(here, "edge", None)
    assert pointed(here)["version"] == "v1.1.0"


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({}, "to"),
        ({"to": "edge"}, "to"),
        ({"to": "s3://ada:secret@host/x"}, "to"),
        ({"to": "/srv", "form": "zip"}, "form"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, str], path: str) -> None:
    (wrong,) = target("bundle").check(settings)
    assert path in f"{wrong.path} {wrong.what}"


def test_a_missing_package_is_said_before_anything_is_written(here: World) -> None:
    text = (here.root / "pennon.yaml").read_text()
    place = str(here.root.parent / "place")
    write(here.root, "pennon.yaml", text.replace(place, "s3://nowhere/edge"))
    push(here, "a store")
    with pytest.raises(PennonError, match="needs s3fs, which is not here"):
        deploy(here, "edge", None)
