"""What holds for the directory alone: its layout, and many writers at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pennon.errors import ForgeError
from pennon.forge import DeploymentState, NewDeployment
from pennon.forge.local import LocalForge

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WRITERS = 4
EACH = 20

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pennon.forge.local import LocalForge

forge = LocalForge(Path(sys.argv[1]), clock=lambda: datetime.now(UTC))
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    forge.create_comment(1, f"{sys.argv[3]} {number}")
    forge.dispatch("deploy.yml", "main", {"by": sys.argv[3]})
    forge.create_release(f"delay@v1.0.{number}", sys.argv[3], "", "c" * 40)
    forge.comments(1)
"""


@pytest.fixture
def forge(tmp_path: Path) -> LocalForge:
    return LocalForge(tmp_path, clock=lambda: NOON)


def open_one(forge: LocalForge) -> int:
    return forge.open_pull(title="Better", head="a", base="b", base_branch="main").number


def test_pull_requests_are_numbered_from_one(forge: LocalForge) -> None:
    assert [open_one(forge), open_one(forge)] == [1, 2]


def test_a_pull_request_keeps_its_labels_and_origin(forge: LocalForge) -> None:
    pull = forge.open_pull(
        title="Full",
        head="a",
        base="b",
        base_branch="main",
        labels=("train:full",),
        from_fork=True,
    )
    assert forge.pull(pull.number) == pull


def test_an_unknown_pull_request_is_told_which_there_are(forge: LocalForge) -> None:
    with pytest.raises(ForgeError, match="none was opened yet"):
        forge.pull(7)
    open_one(forge)
    with pytest.raises(ForgeError, match="open are: 1"):
        forge.pull(7)


def test_the_directory_is_laid_out_for_people(
    forge: LocalForge, tmp_path: Path, file: Callable[[str, bytes], Path]
) -> None:
    forge.create_comment(open_one(forge), "hello")
    made = forge.create_release("eu/delay@v1.0.0", "one", "notes", "c" * 40)
    forge.upload_asset(made.id, file("card.md", b"# Card"))
    forge.dispatch("deploy.yml", "main", {"model": "delay"})
    forge.record_deployment(
        NewDeployment(
            environment="staging",
            model="delay",
            version="v1.0.0",
            commit="c" * 40,
            assignment="d" * 40,
            digest="sha256:0",
            state=DeploymentState.SUCCESS,
        )
    )
    files = {it.relative_to(tmp_path).as_posix() for it in tmp_path.rglob("*") if it.is_file()}
    assert {it for it in files if "/." not in it and not it.startswith("files")} == {
        "pulls/1.json",
        "comments/1/1.json",
        "releases/eu%2Fdelay@v1.0.0/release.json",
        "releases/eu%2Fdelay@v1.0.0/assets/card.md",
        "dispatches/1.json",
        "deployments/staging/1.json",
    }


def test_a_record_is_json_that_a_person_can_read(forge: LocalForge, tmp_path: Path) -> None:
    forge.create_comment(open_one(forge), "hübsch ✅")
    text = (tmp_path / "comments" / "1" / "1.json").read_text(encoding="utf-8")
    assert text.count("\n") > 4
    assert "hübsch ✅" in text
    assert json.loads(text)["author"] == "pennon[bot]"


def test_a_deployment_carries_the_moment_of_the_clock(forge: LocalForge) -> None:
    new = NewDeployment(
        environment="staging",
        model="delay",
        version="v1.0.0",
        commit="c",
        assignment="d",
        digest="e",
        state=DeploymentState.FAILURE,
        why="smoke test: " + "x" * 200,
    )
    made = forge.record_deployment(new)
    assert made.at == "2026-11-21T12:00:00Z"
    assert made.why == new.why


def test_dispatches_wait_in_order_and_are_taken_once(forge: LocalForge) -> None:
    for model in ("delay", "taxi"):
        forge.dispatch("deploy.yml", "main", {"model": model})
    first, second = forge.dispatches()
    assert [it.inputs["model"] for it in (first, second)] == ["delay", "taxi"]
    assert forge.take_dispatch(first.number) == first
    assert forge.dispatches() == [second]
    with pytest.raises(ForgeError, match="dispatch 1 is not waiting"):
        forge.take_dispatch(first.number)


def test_a_number_is_never_used_again(forge: LocalForge) -> None:
    pull = open_one(forge)
    first = forge.create_comment(pull, "one").id
    forge.delete_comment(first)
    assert forge.create_comment(pull, "two").id > first


@pytest.mark.parametrize("body", ["", " \n"])
def test_an_empty_comment_is_refused(forge: LocalForge, body: str) -> None:
    with pytest.raises(ForgeError, match="write 1 to 65536"):
        forge.create_comment(open_one(forge), body)


def test_a_damaged_file_is_named(forge: LocalForge, tmp_path: Path) -> None:
    open_one(forge)
    (tmp_path / "pulls" / "1.json").write_text("{")
    with pytest.raises(ForgeError, match=r"1\.json is not what pennon wrote there"):
        forge.pull(1)


@pytest.mark.parametrize("act", ["update_release", "publish_release"])
def test_a_release_that_is_gone_is_refused(forge: LocalForge, act: str) -> None:
    more = {"title": "", "body": ""} if act == "update_release" else {"tag": "delay@v1.0.0"}
    with pytest.raises(ForgeError, match="no release with the id 7"):
        getattr(forge, act)(7, **more)


def test_many_processes_write_at_once_and_nothing_is_lost(
    forge: LocalForge, tmp_path: Path
) -> None:
    open_one(forge)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path, str(EACH), f"w{number}"],
            stdin=subprocess.PIPE,
        )
        for number in range(WRITERS)
    ]
    for writer in writers:  # all at once
        assert writer.stdin is not None
        writer.stdin.close()
    assert [writer.wait(60) for writer in writers] == [0] * WRITERS
    bodies = {it.body for it in forge.comments(1)}
    assert bodies == {f"w{i} {number}" for i in range(WRITERS) for number in range(EACH)}
    assert len(forge.dispatches()) == WRITERS * EACH
    drafts = [forge.release(f"delay@v1.0.{number}") for number in range(EACH)]
    assert len({it.id for it in drafts if it}) == EACH
    assert list(tmp_path.rglob(".*.tmp")) == list((tmp_path / "releases").glob(".new-*")) == []
