"""Promotion by pull request: nothing but a merged request lets a version pass."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from light import LIGHT, Light, back
from memory import ENVIRONMENTS, configure
from pennon.cli.promote import promote as command
from pennon.errors import RefusedError
from pennon.flows import promote as module
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.promote import ask_to_promote, promote, promote_requested
from pennon.flows.rollback import rollback
from pennon.forge.local import LocalForge
from pennon.registry import assignments, read_remote
from stress.arena import evidence
from worlds import commit_all, run_git

NEW = "v1.3.0"
FILE = f"deploy/requests/{LIGHT}.yaml"
ASK = Ask(model=LIGHT, version=NEW, reason="better on winter mornings")


@pytest.fixture
def here(light: Light, monkeypatch: pytest.MonkeyPatch) -> Light:
    """Production asks for a merged request; v1.3.0 is registered, and better."""
    monkeypatch.setattr(module, "evidence", evidence)
    production = ENVIRONMENTS["production"] | {"target": "local", "approval": "promotion-pr"}
    configure(light, {"staging": {"contract": False}, "production": production})
    commit_all(light.world.root, "rules")
    run_git(light.world.root, "push", "--quiet")
    light.ledger.register(NEW, train_rows=100_000)
    return light


def forge(light: Light) -> LocalForge:
    found = light.world.forge
    assert isinstance(found, LocalForge)
    return found


def merge(light: Light, branch: str) -> str:
    """What a person does on GitHub, after another one approved."""
    root = light.world.root
    run_git(root, "fetch", "--quiet", "origin", branch)
    run_git(root, "merge", "--quiet", "--no-ff", "-m", "merge", "FETCH_HEAD")
    run_git(root, "push", "--quiet", "origin", "HEAD:main")
    commit = run_git(root, "rev-parse", "HEAD")
    forge(light).review_pull(1, "approved")
    forge(light).merge_pull(1, commit, by="ada")
    return commit


def test_without_a_merged_request_a_promotion_is_refused_with_the_way(here: Light) -> None:
    with pytest.raises(RefusedError, match=f"there is no {FILE}") as refused:
        promote(here.world, ASK)
    assert refused.value.hint.startswith(f"pennon promote {LIGHT} {NEW} --pr")
    assert here.champions()[-1] == "v1.2.0"


def test_a_request_is_a_pull_request_that_changes_one_file(here: Light) -> None:
    found = ask_to_promote(here.world, ASK)
    assert (found.branch, found.pull) == (f"promote/{LIGHT}-{NEW}", "#1")
    names = run_git(here.origin, "diff", "--name-only", "main", found.branch)
    assert names == FILE
    said = run_git(here.origin, "show", f"{found.branch}:{FILE}")
    assert said == f"version: {NEW}\nstage: champion\nreason: better on winter mornings"
    assert here.champions()[-1] == "v1.2.0"


def test_the_same_request_again_finds_the_first_one(here: Light) -> None:
    found = ask_to_promote(here.world, ASK)
    tip = run_git(here.origin, "rev-parse", found.branch)
    assert ask_to_promote(here.world, ASK) == found
    assert run_git(here.origin, "rev-parse", found.branch) == tip


def test_what_the_gates_refuse_is_not_asked_for(here: Light) -> None:
    here.ledger.register("v1.4.0", train_rows=1)
    with pytest.raises(RefusedError, match="is not promoted to champion"):
        ask_to_promote(here.world, Ask(model=LIGHT, version="v1.4.0"))
    assert "promote/" not in run_git(here.origin, "branch", "--list")


def test_a_merged_request_is_promoted_with_those_who_agreed(here: Light) -> None:
    merge(here, ask_to_promote(here.world, ASK).branch)
    (done,) = promote_requested(here.world, then=Then.DISPATCH)
    assert (done.version, here.champions()[-1]) == (NEW, NEW)
    state, _ = read_remote(here.world.repo, LIGHT)
    event = state.stages["champion"]
    made = assignments([event])[event.oid]
    assert made is not None
    assert (made.reason, made.approvals) == ("better on winter mornings", ("pennon[bot]",))
    assert promote_requested(here.world, then=Then.DISPATCH) == []


def test_a_request_for_another_version_lets_none_pass(here: Light) -> None:
    merge(here, ask_to_promote(here.world, ASK).branch)
    here.ledger.register("v1.4.0", train_rows=1_000_000)
    with pytest.raises(RefusedError, match=f"{FILE} says {NEW} to champion"):
        promote(here.world, Ask(model=LIGHT, version="v1.4.0"))


def test_a_rollback_and_a_challenger_need_no_request(here: Light) -> None:
    configure(here, {"production": {"approval": "promotion-pr", "target": "compose"}})
    rollback(here.world, back())
    promote(here.world, Ask(model=LIGHT, version=NEW, stage="challenger"))
    assert here.champions()[-1] == "v1.1.0"


def test_a_dry_run_writes_nothing(here: Light) -> None:
    found = ask_to_promote(here.world, ASK, dry_run=True)
    assert found.pull == ""
    assert "promote/" not in run_git(here.origin, "branch", "--list")


@pytest.mark.parametrize(
    ("options", "variables", "how"),
    [
        ((), {}, None),
        (("--pr",), {}, "pr"),
        (("--merged",), {}, "merged"),
        ((), {"PENNON_PROMOTE_HOW": "merged"}, "merged"),
        ((), {"PENNON_PROMOTE_HOW": ""}, None),
    ],
)
def test_the_command_knows_how(
    options: tuple[str, ...], variables: dict[str, str], how: str | None
) -> None:
    found: list[str | None] = []
    patched = click.Command(
        "x", params=command.params, callback=lambda **it: found.append(it["how"])
    )
    CliRunner().invoke(patched, ["delay", *options], env=variables, catch_exceptions=False)
    assert found == [how]
