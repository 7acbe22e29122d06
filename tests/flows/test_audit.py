"""The audit of a whole registry: its ledger, what the forge remembers, files and signatures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from pennon.cli import cli
from pennon.errors import RegistryError
from pennon.flows.assignment.assign import Ask
from pennon.flows.audit import audit_registry
from pennon.flows.promote import promote
from pennon.flows.world import World
from pennon.forge import DeploymentState, NewDeployment
from shop import MODEL, world, write
from worlds import Ledger, run_git


@pytest.fixture
def here(challenged: Path, tmp_path: Path) -> World:
    """v1.0.0 is champion, v1.1.0 was registered after that."""
    shutil.copytree(challenged, tmp_path, dirs_exist_ok=True)
    return world(tmp_path / "work")


def codes(here: World) -> list[str]:
    return [alarm.code for it in audit_registry(here) for alarm in it.alarms]


def on_the_remote(here: World, *lines: str) -> None:
    origin = here.root.parent / "origin.git"
    run_git(origin, "update-ref", "--stdin", stdin="".join(f"{line}\n" for line in lines))


def test_an_untouched_registry_is_sound(here: World) -> None:
    (found,) = audit_registry(here)
    assert (found.model, found.events, found.alarms) == (MODEL, 3, ())


def test_a_promotion_that_was_cut_out_is_remembered_by_the_release_after_it(here: World) -> None:
    """The chain of what is left holds, and the head ref was moved with it."""
    first = here.state(MODEL).events[0]
    on_the_remote(
        here,
        "delete refs/tags/churn#champion#1",
        "delete refs/tags/churn@v1.1.0",
        f"update refs/pennon/churn@head {first.oid}",
    )
    assert codes(here) == ["deleted"]


def test_an_end_that_was_cut_off_is_remembered_by_its_deployment(here: World) -> None:
    promote(here, Ask(model=MODEL))
    event = here.state(MODEL).events[-1]
    facts = {"environment": "staging", "model": MODEL, "version": "v1.1.0", "commit": event.commit}
    here.forge.record_deployment(
        NewDeployment(
            **facts, assignment=event.oid, digest="sha256:00", state=DeploymentState.SUCCESS
        )
    )
    before = here.state(MODEL).events[-2]
    tag = f"delete refs/tags/{event.tag}"
    on_the_remote(here, tag, f"update refs/pennon/churn@head {before.oid}")
    assert codes(here) == ["deleted"]


def test_a_model_whose_tags_are_all_gone_is_missed(here: World) -> None:
    tags = [event.tag for event in here.state(MODEL).events]
    on_the_remote(here, *(f"delete refs/tags/{tag}" for tag in tags))
    assert set(codes(here)) == {"head", "deleted"}


def test_a_replaced_file_and_a_missing_release_are_found(here: World) -> None:
    releases = here.root.parent / "forge" / "releases"
    (releases / "churn@v1.0.0" / "assets" / "model.skops").write_bytes(b"other")
    shutil.rmtree(releases / "churn@v1.1.0")
    assert codes(here) == ["artifact", "release"]


def test_one_model_may_be_audited_alone(here: World) -> None:
    Ledger(here.root, "delay").register("v1.0.0")
    assert [it.model for it in audit_registry(here, MODEL)] == [MODEL]
    assert codes(here) == ["release"]


def test_a_model_that_nobody_knows_is_no_sound_one(here: World) -> None:
    with pytest.raises(RegistryError, match="no version of 'chrun' is registered on the remote"):
        list(audit_registry(here, "chrun"))


def test_who_may_not_write_is_found(here: World) -> None:
    text = (here.root / "pennon.yaml").read_text()
    write(here.root, "pennon.yaml", text + "registry: {writers: [Bob]}\n")
    assert set(codes(here)) == {"writer"}


def test_the_command_tells_every_alarm_and_fails(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here.root)
    monkeypatch.setenv("PENNON_FORGE", f"local:{here.root.parent / 'forge'}")
    sound = CliRunner().invoke(cli, ["audit"])
    assert (sound.exit_code, sound.output) == (0, "3 events of 1 model: sound\n")
    on_the_remote(here, "delete refs/tags/churn#champion#1")
    done = CliRunner().invoke(cli, ["audit", "--json"])
    assert done.exception
    (found,) = json.loads(done.output)
    assert [alarm["code"] for alarm in found["alarms"]] == ["chain", "deleted"]
