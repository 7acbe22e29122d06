"""GitHub on a bad day: lost answers, rate limits, refusals. Every POST happens exactly once."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pennon.errors import ForgeError
from pennon.forge import DeploymentState, Forge, NewDeployment
from pennon.forge.github import GitHubForge

Author = Callable[[str], Forge]
Fail = Callable[..., None]
Asked = Callable[[str], list[str]]

COMMENTS = r"/issues/\d+/comments$"
TAG = "delay@v1.0.0"
NEW = NewDeployment(
    environment="staging",
    model="delay",
    version="v1.0.0",
    commit="c" * 40,
    assignment="d" * 40,
    digest="sha256:0",
    state=DeploymentState.SUCCESS,
)

LOST = 0
WAYS_TO_LOSE = pytest.mark.parametrize(
    ("status", "after"),
    [
        pytest.param(502, True, id="502 after the write"),
        pytest.param(502, False, id="502 before the write"),
        pytest.param(LOST, True, id="cut after the write"),
        pytest.param(LOST, False, id="cut before the write"),
    ],
)


@pytest.fixture
def forge(github_as: Author) -> Forge:
    return github_as("github-actions[bot]")


@WAYS_TO_LOSE
def test_a_lost_answer_makes_no_second_comment(
    forge: Forge, pull: int, fail: Fail, waits: list[float], *, status: int, after: bool
) -> None:
    fail("POST", COMMENTS, status, after=after)
    made = forge.create_comment(pull, "the report\n")
    assert [it.id for it in forge.comments(pull)] == [made.id]
    assert waits == [1.0]


def test_a_comment_like_ours_by_somebody_else_is_not_taken_for_ours(
    github_as: Author, forge: Forge, pull: int, fail: Fail
) -> None:
    theirs = github_as("mallory").create_comment(pull, "the report")
    fail("POST", COMMENTS, 502)
    assert forge.create_comment(pull, "the report").id != theirs.id


@WAYS_TO_LOSE
def test_a_lost_answer_makes_no_second_draft(
    forge: Forge, fail: Fail, asked: Asked, *, status: int, after: bool
) -> None:
    fail("POST", "/releases$", status, after=after)
    made = forge.create_release(TAG, "one", "first", "c" * 40)
    assert forge.release(TAG) == made
    assert len(asked("POST")) == (1 if after else 2)


@WAYS_TO_LOSE
def test_a_lost_answer_leaves_one_whole_asset(
    forge: Forge, fail: Fail, tmp_path: Path, *, status: int, after: bool
) -> None:
    file = tmp_path / "model.skops"
    file.write_bytes(b"x" * 100_000)
    made = forge.create_release(TAG, "one", "first", "c" * 40)
    fail("POST", "/assets$", status, after=after)
    asset = forge.upload_asset(made.id, file)
    found = forge.release(TAG)
    assert found
    assert [(it.id, it.size) for it in found.assets] == [(asset.id, 100_000)]


def test_an_upload_that_arrived_in_half_is_no_asset_and_makes_room(
    forge: Forge, fail: Fail, tmp_path: Path
) -> None:
    file = tmp_path / "model.skops"
    file.write_bytes(b"x" * 1000)
    made = forge.create_release(TAG, "one", "first", "c" * 40)
    for _ in range(5):
        fail("POST", "/assets$", 502, half=True)
    with pytest.raises(ForgeError, match=r"cannot upload model\.skops"):
        forge.upload_asset(made.id, file)
    assert forge.release(TAG) == made
    with pytest.raises(ForgeError, match=r"has no file model\.skops"):
        forge.download_asset(TAG, "model.skops", tmp_path / "copy")
    asset = forge.upload_asset(made.id, file)
    found = forge.release(TAG)
    assert found
    assert [it.id for it in found.assets] == [asset.id]


@pytest.mark.parametrize("place", ["/deployments$", "/statuses$"])
@WAYS_TO_LOSE
def test_a_lost_answer_makes_no_second_deployment(
    forge: Forge, fail: Fail, asked: Asked, place: str, *, status: int, after: bool
) -> None:
    fail("POST", place, status, after=after)
    made = forge.record_deployment(NEW)
    assert forge.deployments("staging") == [made]
    assert len(asked("POST")) == (2 if after else 3)


def test_a_new_try_is_not_taken_for_the_one_before(forge: Forge, fail: Fail) -> None:
    failed = forge.record_deployment(
        msgspec.structs.replace(NEW, state=DeploymentState.FAILURE, why="smoke test")
    )
    fail("POST", "/deployments$", 502)
    again = msgspec.structs.replace(NEW, state=DeploymentState.IN_PROGRESS)
    assert forge.record_deployment(again).id > failed.id


def test_a_deployment_interrupted_before_its_state_is_taken_up_again(
    forge: Forge, fail: Fail
) -> None:
    fail("POST", "/statuses$", 422)
    with pytest.raises(ForgeError):
        forge.record_deployment(NEW)
    open_one = forge.deployments("staging")
    assert [it.state for it in open_one] == [DeploymentState.IN_PROGRESS]
    assert forge.record_deployment(NEW).id == open_one[0].id


def test_a_server_that_says_nothing_is_given_up_and_asked_again(
    forge: Forge, pull: int, fail: Fail
) -> None:
    done = threading.Event()
    fail("POST", COMMENTS, LOST, after=True, hang=done)
    made = forge.create_comment(pull, "the report")
    done.set()
    assert [it.id for it in forge.comments(pull)] == [made.id]


def test_an_upload_without_an_answer_is_given_up_and_sent_again(
    forge: Forge, fail: Fail, tmp_path: Path
) -> None:
    file = tmp_path / "model.skops"
    file.write_bytes(b"x" * 1000)
    made = forge.create_release(TAG, "one", "first", "c" * 40)
    done = threading.Event()
    fail("POST", "/assets$", LOST, hang=done)
    assert forge.upload_asset(made.id, file).size == 1000
    done.set()


def test_a_deployment_that_somebody_makes_meanwhile_is_not_taken_for_ours(
    forge: Forge, fail: Fail
) -> None:
    other = msgspec.structs.replace(NEW, assignment="e" * 40)
    assert isinstance(forge, GitHubForge)

    def meanwhile(_: float) -> None:
        forge.record_deployment(other)

    waiting = dataclasses.replace(forge, sleep=meanwhile)
    fail("POST", "/deployments$", 502)
    assert waiting.record_deployment(NEW).assignment == NEW.assignment


@pytest.mark.parametrize("status", [429, 500, 502, 503])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", COMMENTS), ("PATCH", r"/comments/\d+$"), ("DELETE", r"/\d+$")]
)
def test_what_may_be_repeated_is_repeated(
    forge: Forge, pull: int, fail: Fail, *, method: str, path: str, status: int
) -> None:
    comment = forge.create_comment(pull, "before").id
    fail(method, path, status, after=method != "GET")
    forge.update_comment(comment, "after")
    assert [it.body for it in forge.comments(pull)] == ["after"]
    forge.delete_comment(comment)
    assert forge.comments(pull) == []


def test_a_download_cut_in_the_middle_starts_again(
    forge: Forge, fail: Fail, tmp_path: Path
) -> None:
    file = tmp_path / "model.skops"
    file.write_bytes(b"x" * 3_000_000)
    forge.upload_asset(forge.create_release(TAG, "one", "first", "c" * 40).id, file)
    fail("GET", "/storage/", 200, body="too short", headers={"Content-Length": "3000000"})
    forge.download_asset(TAG, "model.skops", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == file.read_bytes()


def test_a_download_that_is_always_cut_leaves_no_file(
    forge: Forge, fail: Fail, tmp_path: Path, waits: list[float]
) -> None:
    file = tmp_path / "card.md"
    file.write_bytes(b"# Card")
    forge.upload_asset(forge.create_release(TAG, "one", "first", "c" * 40).id, file)
    for _ in range(5):
        fail("GET", "/storage/", 200, body="short", headers={"Content-Length": "3000000"})
    with pytest.raises(ForgeError, match=r"cannot download card\.md .*no answer"):
        forge.download_asset(TAG, "card.md", tmp_path / "copy")
    assert sorted(it.name for it in tmp_path.iterdir()) == ["card.md"]
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_a_download_of_what_is_gone_leaves_no_file(
    forge: Forge, fail: Fail, tmp_path: Path
) -> None:
    file = tmp_path / "card.md"
    file.write_bytes(b"# Card")
    forge.upload_asset(forge.create_release(TAG, "one", "first", "c" * 40).id, file)
    fail("GET", r"/releases/assets/\d+$", 404, body={"message": "Not Found"})
    with pytest.raises(ForgeError, match=r"cannot download card\.md of delay@v1\.0\.0"):
        forge.download_asset(TAG, "card.md", tmp_path / "copy")
    assert sorted(it.name for it in tmp_path.iterdir()) == ["card.md"]


def test_a_dispatch_whose_answer_was_lost_is_sent_again(
    forge: Forge, fail: Fail, asked: Asked
) -> None:
    fail("POST", "/dispatches$", 502, after=True)
    forge.dispatch("deploy.yml", "main", {"model": "delay"})
    assert len(asked("POST")) == 2


def test_a_long_reason_is_cut_to_what_github_holds(forge: Forge) -> None:
    made = forge.record_deployment(msgspec.structs.replace(NEW, why="because " * 40))
    assert len(made.why) == 140
    assert made.why.endswith("…")
