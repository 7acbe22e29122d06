"""What holds for GitHub alone: how much is asked, and what is never loaded or said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pennon.errors import ForgeError
from pennon.forge import DeploymentState, Forge, NewDeployment
from pennon.forge.github import GitHubForge

TEMPLATE = Path(__file__).parents[2] / "template" / "{{cookiecutter.repo_name}}"

Author = Callable[[str], Forge]
Asked = Callable[[str], list[str]]
Fail = Callable[..., None]
Call = Callable[..., Any]

DONE = NewDeployment(
    environment="staging",
    model="delay",
    version="v1.0.0",
    commit="c" * 40,
    assignment="d" * 40,
    digest="sha256:0",
    state=DeploymentState.SUCCESS,
)


def connect(repository: str, token: str = "secret", **more: str) -> GitHubForge:  # noqa: S107
    address = more.get("api_url", "https://api.github.com")
    return GitHubForge(repository, token, api_url=address, sleep=lambda _: None, now=lambda: 0.0)


@pytest.fixture
def forge(github_as: Author) -> Forge:
    return github_as("github-actions[bot]")


def test_two_hundred_comments_are_two_requests(forge: Forge, pull: int, asked: Asked) -> None:
    for number in range(200):
        forge.create_comment(pull, f"{number}")
    before = len(asked("GET"))
    assert [it.body for it in forge.comments(pull)] == [str(number) for number in range(200)]
    assert len(asked("GET")) - before == 2


def test_a_published_release_with_its_assets_is_one_request(
    forge: Forge, asked: Asked, tmp_path: Path
) -> None:
    made = forge.create_release("delay@v1.0.0", "one", "", "c" * 40)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x")
        forge.upload_asset(made.id, tmp_path / name)
    forge.publish_release(made.id, made.tag)
    before = len(asked("GET"))
    found = forge.release("delay@v1.0.0")
    assert found
    assert len(found.assets) == 2
    assert len(asked("GET")) - before == 1


def test_the_deployments_before_a_success_are_not_read(forge: Forge, asked: Asked) -> None:
    for assignment in "123":
        forge.record_deployment(msgspec.structs.replace(DONE, assignment=assignment))
    before = len(asked("GET"))
    assert len(forge.deployments("staging")) == 1
    assert len(asked("GET")) - before == 2


def test_more_than_a_page_of_deployments_by_others_is_looked_through(
    forge: Forge, call: Call
) -> None:
    ours = forge.record_deployment(DONE)
    body = {"ref": "main", "environment": "staging", "auto_merge": False, "required_contexts": []}
    for payload in ({}, "", '"text"', {"model": "delay"}) * 30:
        call("POST", "/deployments", {**body, "payload": payload})
    assert forge.deployments("staging") == [ours]


def test_a_success_leaves_the_other_models_of_an_environment_active(
    forge: Forge, call: Call
) -> None:
    other = forge.record_deployment(msgspec.structs.replace(DONE, model="taxi"))
    forge.record_deployment(DONE)
    told = [it["state"] for it in call("GET", f"/deployments/{other.id}/statuses")]
    assert told == ["success"]


def test_a_deployment_that_somebody_called_inactive_keeps_its_result(
    forge: Forge, call: Call
) -> None:
    ours = forge.record_deployment(DONE)
    call("POST", f"/deployments/{ours.id}/statuses", {"state": "inactive"})
    assert forge.deployments("staging") == [ours]


def test_a_payload_that_comes_back_as_text_is_read(
    forge: Forge, kept: Callable[[], list[dict[str, Any]]]
) -> None:
    ours = forge.record_deployment(DONE)
    kept()[0]["payload"] = json.dumps(kept()[0]["payload"])
    assert forge.deployments("staging") == [ours]


def test_an_artifact_is_two_requests_and_an_expired_one_is_none(
    forge: Forge,
    gateway: Any,  # noqa: ANN401  its class lives in a file that cannot be imported
    repository: str,
    asked: Asked,
    tmp_path: Path,
) -> None:
    gateway.artifacts.keep(repository, 11, "pennon-review", b"zip")
    gateway.artifacts.keep(repository, 12, "pennon-review", b"zip", expired=True)
    assert forge.artifact(11, "pennon-review", tmp_path / "zip", most=9)
    paths = [path.rpartition("/")[2] for path in asked("GET")]
    assert paths[:2] == ["artifacts", "zip"]
    assert not forge.artifact(12, "pennon-review", tmp_path / "no", most=9)


def test_a_published_release_is_looked_up_once_for_all_its_files(
    forge: Forge, asked: Asked, tmp_path: Path
) -> None:
    made = forge.create_release("delay@v1.0.0", "one", "first", "c" * 40)
    for name in ("model.skops", "card.md"):
        (tmp_path / name).write_text(name)
        forge.upload_asset(made.id, tmp_path / name)
    forge.publish_release(made.id, "delay@v1.0.0")
    before = len(asked("GET"))
    for name in ("model.skops", "card.md"):
        forge.download_asset("delay@v1.0.0", name, tmp_path / "copy")
        assert (tmp_path / "copy").read_text() == name
    looked = [path for path in asked("GET")[before:] if "/releases/tags/" in path]
    assert len(looked) == 1


def test_a_comment_is_known_by_its_address(forge: Forge, pull: int) -> None:
    made = forge.create_comment(pull, "the report")
    assert made.url.endswith(f"/{pull}#issuecomment-{made.id}")
    assert [it.url for it in forge.comments(pull)] == [made.url]


def test_a_person_is_asked_once_who_they_are(github_as: Author, asked: Asked) -> None:
    person = github_as("mallory")
    assert [person.login(), person.login()] == ["mallory"] * 2
    assert asked("GET") == ["/user"]


def test_the_token_of_a_workflow_is_known_without_asking(forge: Forge, asked: Asked) -> None:
    assert forge.login() == "github-actions[bot]"
    assert asked("GET") == []


def test_a_token_that_may_not_say_its_name_is_taken_for_that_of_a_workflow(
    github_as: Author, fail: Fail
) -> None:
    fail("GET", "/user$", 403, body={"message": "Resource not accessible by integration"})
    assert github_as("mallory").login() == "github-actions[bot]"


def test_the_base_is_the_tip_of_its_branch_also_after_it_moved(
    forge: Forge, pull: int, call: Call
) -> None:
    before = forge.pull(pull)
    change = {"message": "Meanwhile", "content": "eDogMQ==", "branch": "main"}
    call("PUT", "/contents/other.yaml", change)
    tip = call("GET", "/git/ref/heads/main")["object"]["sha"]
    after = forge.pull(pull)
    assert (after.base, after.head) == (tip, before.head)
    assert before.base != tip


def test_a_pull_request_of_a_fork_is_one(forge: Forge, call: Call, tokens: dict[str, str]) -> None:
    mallory = tokens["mallory"]
    assert call("POST", "/forks", {}, token=mallory)["owner"]["login"] == "mallory"
    body = {"title": "Mine", "head": "mallory:better", "base": "main"}
    number = call("POST", "/pulls", body, token=mallory)["number"]
    assert forge.pull(number).from_fork


def test_the_oldest_of_several_drafts_of_a_tag_is_the_one(
    forge: Forge, listed_twice: Callable[[], None]
) -> None:
    """GitHub allows them, the emulator does not."""
    made = forge.create_release("delay@v1.0.0", "one", "", "c" * 40)
    listed_twice()
    assert forge.release("delay@v1.0.0") == made


@pytest.mark.parametrize("name", ["", "delay", "a/b/c", "/delay"])
def test_a_repository_is_an_owner_and_a_name(name: str) -> None:
    with pytest.raises(ForgeError, match="names no repository; set GITHUB_REPOSITORY"):
        connect(name)


def test_no_token_is_said_at_once() -> None:
    with pytest.raises(ForgeError, match="no token for acme/delay; set GITHUB_TOKEN"):
        connect("acme/delay", "")


@pytest.mark.parametrize(
    ("api_url", "where"),
    [
        ("https://api.github.com", "acme/delay on github.com"),
        ("https://git.acme.com/api/v3", "acme/delay on git.acme.com"),
    ],
)
def test_it_says_where_it_is(api_url: str, where: str) -> None:
    assert connect("acme/delay", api_url=api_url).where == where


def test_the_token_is_not_shown() -> None:
    forge = connect("acme/delay")
    assert "secret" not in repr(forge)
    assert "secret" not in repr(forge._session)


def test_pygithub_is_loaded_with_the_first_question_and_stays_silent() -> None:
    script = """
import logging, sys
from pennon.forge.github import GitHubForge
it = GitHubForge("a/b", "t", api_url="http://localhost", sleep=print, now=print)
it.where
assert not {"github", "requests", "urllib3"} & set(sys.modules), "too early"
it._session
assert "github" in sys.modules
assert logging.getLogger("github").handlers == []
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_ruleset_of_a_new_repository_is_one_that_github_takes(
    forge: Forge, call: Call, asked: Asked
) -> None:
    ours = json.loads((TEMPLATE / ".github" / "rulesets" / "registry.json").read_text())
    call("POST", "/rulesets", {**ours, "name": "off", "enforcement": "disabled"})
    call("POST", "/rulesets", {"name": "main", "target": "branch", "enforcement": "active"})
    call("POST", "/rulesets", ours)
    (found,) = forge.rulesets() or []
    assert found.name == ours["name"]
    assert found.rules == ("update", "deletion")
    assert list(found.include) == ours["conditions"]["ref_name"]["include"]
    assert len(asked("GET")) == 3  # the list, and two of them whole


def test_more_rulesets_than_a_page_are_all_read(forge: Forge, call: Call) -> None:
    for i in range(101):
        call("POST", "/rulesets", {"name": str(i), "target": "tag", "enforcement": "active"})
    assert [it.name for it in forge.rulesets() or []] == [str(i) for i in range(101)]
