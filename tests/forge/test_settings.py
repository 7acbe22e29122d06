"""Environments on GitHub, set up as a file says, and what is enforced on which plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from light import Light
from memory import configure
from pennon.errors import ForgeError
from pennon.flows.repo import repo
from pennon.flows.upkeep.doctor import doctor
from pennon.flows.upkeep.environments import Alone, Compared
from pennon.forge import Forge, Hosting, Protection

Author = Callable[[str], Forge]
PRODUCTION: dict[str, Any] = {
    "after": "staging",
    "approval": "environment-reviewers",
    "reviewers": ["@ada", "@acme/validators"],
    "branches": ["main", "release/*"],
    "tags": ["*#champion#*"],
}


@pytest.fixture
def light(tmp_path: Path) -> Light:
    Light.make(tmp_path)
    return Light(tmp_path)


@pytest.fixture
def here(light: Light, github_as: Author) -> Light:
    """The light repository with two environments, one of them with every rule; on GitHub."""
    configure(light, {"staging": {}, "production": PRODUCTION})
    forge = github_as("acme")
    light.world = replace(light.world, open_forge=lambda: forge)
    return light


def changed(found: Compared) -> list[tuple[str, str]]:
    return [(it.name, it.what) for it in found.changes]


def change(light: Light, **more: object) -> None:
    configure(light, {"staging": {}, "production": PRODUCTION | more})


def test_a_plan_lists_what_would_be_made_and_makes_nothing(
    here: Light, asked: Callable[[str], list[str]]
) -> None:
    assert changed(repo(here.world)) == [
        ("staging", "missing → made"),
        ("production", "missing → made"),
        ("production", "reviewers: none → @acme/validators, @ada"),
        ("production", "branches: none → main, release/*"),
        ("production", "tags: none → *#champion#*"),
    ]
    assert [*asked("PUT"), *asked("POST"), *asked("DELETE")] == []


def test_what_is_applied_is_there_and_the_second_time_nothing_is_sent(
    here: Light, asked: Callable[[str], list[str]]
) -> None:
    repo(here.world, apply=True)
    settings = here.world.forge.settings
    assert settings is not None
    assert settings.environments()["production"] == Protection(
        name="production",
        reviewers=("@acme/validators", "@ada"),
        branches=("main", "release/*"),
        tags=("*#champion#*",),
    )
    before = [len(asked(method)) for method in ("PUT", "POST", "DELETE")]
    assert changed(repo(here.world, apply=True)) == []
    assert [len(asked(method)) for method in ("PUT", "POST", "DELETE")] == before


def test_a_rule_that_somebody_changed_by_hand_is_shown_and_mended(here: Light) -> None:
    repo(here.world, apply=True)
    change(here, reviewers=["@bob"], branches=["main"])
    assert changed(repo(here.world)) == [
        ("production", "reviewers: @acme/validators, @ada → @bob"),
        ("production", "branches: main, release/* → main"),
    ]
    repo(here.world, apply=True)
    assert changed(repo(here.world)) == []


def test_a_handle_means_the_same_in_any_case(here: Light) -> None:
    repo(here.world, apply=True)
    change(here, reviewers=["@Ada", "@acme/validators"])
    assert changed(repo(here.world)) == []


def test_what_the_file_does_not_speak_of_stays(
    here: Light,
    gateway: Any,  # noqa: ANN401  its class lives in a file that cannot be imported
    repository: str,
) -> None:
    repo(here.world, apply=True)
    kept = gateway.environments.kept[repository]["production"]
    kept["protection_rules"].append(
        {"id": 9, "node_id": "GA_9", "type": "wait_timer", "wait_timer": 30}
    )
    rule = {"after": "staging", "branches": ["main"]}
    configure(here, {"staging": {}, "production": rule})
    repo(here.world, apply=True)
    settings = here.world.forge.settings
    assert settings is not None
    assert settings.environments()["production"].reviewers == ("@acme/validators", "@ada")
    rules = gateway.environments.kept[repository]["production"]["protection_rules"]
    assert [it["wait_timer"] for it in rules if it["type"] == "wait_timer"] == [30]


def test_an_environment_that_only_github_has_is_left_alone(here: Light) -> None:
    repo(here.world, apply=True)
    configure(here, {"staging": {}})
    found = repo(here.world, apply=True)
    assert (found.changes, found.alone) == ((), (Alone("environment", "production"),))


def test_a_reviewer_whom_nobody_knows_is_an_error(here: Light) -> None:
    change(here, reviewers=["@nobody"])
    with pytest.raises(ForgeError, match="set up the environment production"):
        repo(here.world, apply=True)


def test_a_token_that_may_not_is_told_so(here: Light, fail: Callable[..., None]) -> None:
    body = {"message": "Resource not accessible by integration"}
    headers = {"X-Accepted-GitHub-Permissions": "administration=write"}
    fail("PUT", "/environments/staging$", 403, body=body, headers=headers)
    with pytest.raises(ForgeError, match="`administration: write`"):
        repo(here.world, apply=True)


def test_a_directory_keeps_no_rules(light: Light) -> None:
    configure(light, {"staging": {}})
    with pytest.raises(ForgeError, match="keeps no settings: no environments"):
        repo(light.world)


PLANS = [
    ("free", True, [False, False]),
    ("team", True, [False, True]),
    ("enterprise", True, [True, True]),
    ("free", False, [True, True]),
    ("team", False, [True, True]),
    ("enterprise", False, [True, True]),
    (None, True, [None, None]),
]


@pytest.mark.parametrize(("plan", "private", "enforced"), PLANS)
def test_what_is_enforced_depends_on_the_plan_and_on_who_may_read(
    here: Light,
    gateway: Any,  # noqa: ANN401  the same
    plan: str | None,
    private: bool,  # noqa: FBT001  the table's own
    enforced: list[bool | None],
) -> None:
    gateway.hosting, gateway.plan = {"private": private, "owner": "Organization"}, plan
    found = {it.rule: it.enforced for it in repo(here.world).rules}
    assert [found["reviewers @ada, @acme/validators"], found.popitem()[1]] == enforced


@pytest.mark.parametrize(("plan", "private", "enforced"), PLANS)
def test_the_doctor_names_what_is_only_recorded(
    here: Light,
    gateway: Any,  # noqa: ANN401  the same
    plan: str | None,
    private: bool,  # noqa: FBT001  the table's own
    enforced: list[bool | None],
) -> None:
    repo(here.world, apply=True)
    gateway.hosting, gateway.plan = {"private": private, "owner": "Organization"}, plan
    found = [it.what for it in doctor(here.world) if it.code == "recorded"]
    assert len(found) == sum(it is not True for it in enforced)
    if plan == "team" and private:
        words = "only recorded: a private repository needs GitHub Enterprise"
        assert found == [f"reviewers @ada, @acme/validators: {words}"]


def test_the_doctor_names_what_is_not_as_the_file_says(here: Light) -> None:
    found = [(it.code, it.tag, it.fix) for it in doctor(here.world)]
    assert ("environment", "production", "pennon repo apply") in found


def test_a_repository_of_a_person_has_a_plan_that_nobody_tells(
    github_as: Author,
    gateway: Any,  # noqa: ANN401  the same
) -> None:
    gateway.hosting = {"private": True, "owner": "User"}
    settings = github_as("acme").settings
    assert settings is not None
    assert settings.hosting() == Hosting(private=True, plan="")
