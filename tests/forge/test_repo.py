"""The settings of a repository on GitHub, made what its files say: rulesets, labels, variables."""

from __future__ import annotations

import json
import shutil
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
from pennon.flows.upkeep.environments import Alone, Compared, Rule
from pennon.forge import Forge, Label, Variable

Author = Callable[[str], Forge]
Asked = Callable[[str], list[str]]
Call = Callable[..., Any]
Fail = Callable[..., None]

ROOT = Path(__file__).parents[2]
OURS = next((ROOT / "template").glob("{{*}}")) / ".github" / "rulesets"
REGISTRY = "The model registry is append-only"
MAIN = "The default branch changes by pull request"
SHEET = """\
labels:
  incident: {color: "b60205", description: Somebody has to look}
  "train:full": {color: "1d76db"}
variables: {PENNON_HEALTH: report}
"""
UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


@pytest.fixture
def here(tmp_path: Path, github_as: Author) -> Light:
    """The light repository with the template's rulesets and a sheet; on GitHub."""
    Light.make(tmp_path)
    light = Light(tmp_path)
    configure(light, {"staging": {}})
    shutil.copytree(OURS, light.world.root / ".github" / "rulesets")
    sheet(light, SHEET)
    return seen_by(light, github_as("acme"))


def seen_by(light: Light, forge: Forge) -> Light:
    light.world = replace(light.world, open_forge=lambda: forge)
    return light


def sheet(light: Light, text: str) -> None:
    (light.world.root / ".github" / "repository.yml").write_text(text)


def ruleset(light: Light, name: str, **more: object) -> None:
    """The file, with these keys."""
    file = light.world.root / ".github" / "rulesets" / f"{name}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | more))


def changed(found: Compared) -> list[str]:
    return [f"{it.kind} {it.name}: {it.what}" for it in found.changes]


def written(asked: Asked) -> list[str]:
    return [path for method in ("POST", "PUT", "PATCH", "DELETE") for path in asked(method)]


def test_a_plan_lists_what_is_missing_and_makes_nothing(here: Light, asked: Asked) -> None:
    assert changed(repo(here.world)) == [
        "label incident: missing → b60205, Somebody has to look",
        "label train:full: missing → 1d76db",
        "variable PENNON_HEALTH: missing → report",
        "environment staging: missing → made",
        f"ruleset {MAIN}: missing → active: deletion, non_fast_forward, pull_request",
        f"ruleset {REGISTRY}: missing → active: deletion, update",
    ]
    assert written(asked) == []


def test_what_is_applied_is_there_and_the_second_time_nothing_is_sent(
    here: Light, asked: Asked
) -> None:
    assert len(repo(here.world, apply=True).changes) == len(written(asked)) == 6
    settings = here.world.forge.settings
    assert settings is not None
    assert settings.labels()["train:full"] == Label(
        name="train:full", color="1d76db", description=""
    )
    assert settings.variables() == {"PENNON_HEALTH": Variable(name="PENNON_HEALTH", value="report")}
    assert set(settings.rulesets()) == {MAIN, REGISTRY}
    assert repo(here.world, apply=True).changes == ()
    assert len(written(asked)) == 6


def test_what_somebody_changed_by_hand_is_shown_and_mended(here: Light, call: Call) -> None:
    repo(here.world, apply=True)
    call("PATCH", "/labels/incident", {"color": "ededed", "description": "?"})
    call("PATCH", "/actions/variables/PENNON_HEALTH", {"value": "rollback"})
    call("PUT", "/rulesets/1", {"rules": [{"type": "deletion"}], "enforcement": "disabled"})
    call("PUT", "/rulesets/2", {"rules": [{"type": "deletion"}, {"type": "creation"}]})
    drifted = [
        "label incident: color: ededed → b60205",
        "label incident: description: ? → Somebody has to look",
        "variable PENNON_HEALTH: rollback → report",
        f"ruleset {MAIN}: enforcement: disabled → active",
        f"ruleset {MAIN}: rules: deletion → deletion, non_fast_forward, pull_request",
        f"ruleset {REGISTRY}: rules: creation, deletion → deletion, update",
    ]
    assert changed(repo(here.world)) == drifted
    assert changed(repo(here.world, apply=True)) == drifted
    assert changed(repo(here.world)) == []


def test_a_parameter_is_mended_and_its_neighbours_stay(
    here: Light,
    call: Call,
    gateway: Any,  # noqa: ANN401  its class lives in a file that cannot be imported
    repository: str,
) -> None:
    repo(here.world, apply=True)
    rules = gateway.rulesets.kept[repository][0]["rules"]
    rules[2]["parameters"] |= {
        "required_approving_review_count": 0,
        "allowed_merge_methods": ["squash"],
    }
    at = "rules.pull_request.parameters.required_approving_review_count"
    assert changed(repo(here.world, apply=True)) == [f"ruleset {MAIN}: {at}: 0 → 1"]
    now = call("GET", "/rulesets/1")["rules"][2]["parameters"]
    assert (now["required_approving_review_count"], now["allowed_merge_methods"]) == (1, ["squash"])


def test_who_may_bypass_a_ruleset_is_a_difference(here: Light, call: Call) -> None:
    repo(here.world, apply=True)
    actor = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    call("PUT", "/rulesets/2", {"bypass_actors": [actor]})
    what = "bypass_actors: 5 RepositoryRole always → none"
    assert changed(repo(here.world)) == [f"ruleset {REGISTRY}: {what}"]


def test_who_may_not_see_who_bypasses_it_is_told_so(here: Light, github_as: Author) -> None:
    repo(here.world, apply=True)
    found = repo(seen_by(here, github_as("mallory")).world)
    assert found.changes == ()
    unknown = [it.rule for it in found.rules if it.enforced is None]
    assert unknown == [f"{MAIN}: who may bypass it", f"{REGISTRY}: who may bypass it"]


def test_what_no_file_names_is_named_and_stays(here: Light, call: Call, asked: Asked) -> None:
    call("POST", "/labels", {"name": "bug", "color": "ededed"})
    call("POST", "/actions/variables", {"name": "MINE", "value": "1"})
    call("POST", "/rulesets", {"name": "mine", "enforcement": "active", "rules": []})
    found = repo(here.world, apply=True)
    assert found.alone == (
        Alone("label", "bug"),
        Alone("variable", "MINE"),
        Alone("ruleset", "mine"),
    )
    assert asked("DELETE") == []
    assert repo(here.world).alone == found.alone


def test_names_mean_the_same_in_any_case(here: Light) -> None:
    repo(here.world, apply=True)
    other = SHEET.replace("incident", "Incident").replace("PENNON_HEALTH", "pennon_health")
    sheet(here, other)
    found = repo(here.world)
    assert (found.changes, found.alone) == ((), ())
    sheet(here, other.replace("b60205", "0e8a16"))
    assert changed(repo(here.world, apply=True)) == ["label Incident: color: b60205 → 0e8a16"]
    assert repo(here.world).changes == ()


def test_a_ruleset_of_the_organisation_is_not_the_repository_s(
    here: Light,
    call: Call,
    gateway: Any,  # noqa: ANN401  the same
    repository: str,
) -> None:
    call("POST", "/rulesets", {"name": REGISTRY, "target": "tag", "enforcement": "active"})
    gateway.rulesets.kept[repository][0]["source_type"] = "Organization"
    missing = f"ruleset {REGISTRY}: missing → active: deletion, update"
    assert missing in changed(repo(here.world))


def test_more_variables_than_a_page_are_all_read(here: Light, call: Call) -> None:
    for i in range(31):
        call("POST", "/actions/variables", {"name": f"V{i:02}", "value": "1"})
    found = repo(here.world).alone
    assert [it.name for it in found] == [f"V{i:02}" for i in range(31)]


def test_of_what_the_sheet_does_not_speak_nothing_is_asked(here: Light, asked: Asked) -> None:
    sheet(here, "# nothing yet\n")
    repo(here.world)
    assert [path for path in asked("GET") if path.endswith(("/labels", "/variables"))] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "right"),
    [
        ("GET", "/actions/variables$", 403, "variables: read"),
        ("POST", "/actions/variables$", 403, "variables: write"),
        ("POST", "/labels$", 404, "issues: write"),
        ("POST", "/rulesets$", 404, "administration: write"),
        ("PUT", "/environments/staging$", 403, "administration: write"),
    ],
)
def test_a_token_that_may_not_is_told_which_right_it_needs(
    here: Light, fail: Fail, method: str, path: str, status: int, right: str
) -> None:
    body = {"message": "Resource not accessible by personal access token"}
    fail(method, path, status, body=body)
    with pytest.raises(ForgeError) as caught:
        repo(here.world, apply=True)
    assert f"a token with `{right}`" in caught.value.hint


@pytest.mark.parametrize("path", ["/labels$", "/actions/variables$", "/rulesets$"])
def test_what_was_cut_short_is_completed_the_next_time(
    here: Light, fail: Fail, asked: Asked, path: str
) -> None:
    fail("POST", path, 403, body={"message": "Forbidden"})
    with pytest.raises(ForgeError):
        repo(here.world, apply=True)
    before = len(written(asked))
    repo(here.world, apply=True)
    assert repo(here.world).changes == ()
    assert len(written(asked)) == 7
    assert before < 7


def test_a_ruleset_whose_answer_was_lost_is_not_made_twice(
    here: Light, fail: Fail, call: Call
) -> None:
    fail("POST", "/rulesets$", 502, after=True)
    repo(here.world, apply=True)
    assert sorted(it["name"] for it in call("GET", "/rulesets")) == [MAIN, REGISTRY]


def recorded(found: Compared) -> list[Rule]:
    return [it for it in found.rules if it.enforced is False]


def test_rulesets_that_the_plan_has_not_are_recorded_and_the_rest_is_applied(
    here: Light, fail: Fail
) -> None:
    fail("GET", "/rulesets$", 403, body={"message": UPGRADE})
    found = repo(here.world, apply=True)
    why = f"only recorded: {UPGRADE}"
    assert [(it.of, it.rule, it.why) for it in recorded(found)] == [
        ("repository", MAIN, why),
        ("repository", REGISTRY, why),
    ]
    assert {it.kind for it in found.changes} == {"label", "variable", "environment"}


def test_a_ruleset_that_the_plan_refuses_is_recorded_and_the_next_one_is_made(
    here: Light, fail: Fail
) -> None:
    fail("POST", "/rulesets$", 403, body={"message": UPGRADE})
    found = repo(here.world, apply=True)
    assert [it.rule for it in recorded(found)] == [MAIN]
    assert [it.name for it in found.changes if it.kind == "ruleset"] == [REGISTRY]


def test_reviewers_that_the_plan_refuses_stop_nothing(here: Light, fail: Fail) -> None:
    said = "Please ensure the billing plan supports the required reviewers protection rule."
    fail("PUT", "/environments/staging$", 422, body={"message": said})
    found = repo(here.world, apply=True)
    (rule,) = recorded(found)
    assert (rule.of, rule.rule, rule.why) == ("staging", "environment", f"only recorded: {said}")
    assert [it.kind for it in found.changes].count("ruleset") == 2


def test_a_ruleset_that_is_off_holds_nothing(here: Light) -> None:
    ruleset(here, "main", enforcement="disabled")
    assert [it.why for it in recorded(repo(here.world))] == ["only recorded: it is disabled"]


def alarms(light: Light) -> list[tuple[str, str, str]]:
    return [(it.code, it.tag, it.fix) for it in doctor(light.world)]


def test_the_doctor_names_a_ruleset_that_is_missing_or_another_one(here: Light, call: Call) -> None:
    call("POST", "/rulesets", json.loads((OURS / "main.json").read_text()) | {"rules": []})
    found = [it for it in alarms(here) if it[0] == "ruleset"]
    assert found == [
        ("ruleset", MAIN, "pennon repo apply"),
        ("ruleset", REGISTRY, "pennon repo apply"),
    ]
    repo(here.world, apply=True)
    assert alarms(here) == []


def test_the_doctor_says_where_the_plan_has_no_rulesets(here: Light, fail: Fail) -> None:
    repo(here.world, apply=True)
    for _ in range(2):
        fail("GET", "/rulesets$", 403, body={"message": UPGRADE})
    assert [it.what for it in doctor(here.world)] == [f"only recorded: {UPGRADE}"] * 2


def test_the_doctor_names_a_file_that_cannot_be_read(here: Light) -> None:
    ruleset(here, "main", enforcement="on")
    found = [it for it in doctor(here.world) if it.code == "ruleset"]
    assert [it.tag for it in found] == [".github/rulesets/main.json"]
    assert "enforcement: invalid enum value 'on'" in found[0].what
