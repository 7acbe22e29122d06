"""The incident issue: one for each model, true whoever writes it last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from light import LIGHT, Light, back
from memory import ENVIRONMENTS, Memory, configure, live, release
from pennon.errors import ForgeError, TargetError
from pennon.flows import rollback as module
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.deployment.incident import told
from pennon.flows.promote import promote
from pennon.flows.rollback import rollback
from pennon.forge import Issue
from pennon.forge.local import LocalForge
from pennon.git import Repo
from pennon.git.push import Write, push
from pennon.registry import write
from pennon.runner import Runner
from pennon.targets import known

OLD, MIDDLE, NEW = "v1.0.0", "v1.1.0", "v1.2.0"
RUN = "https://github.com/acme/shop/actions/runs/42"


@pytest.fixture
def shop(light: Light, monkeypatch: pytest.MonkeyPatch) -> Light:
    """Three versions that were live in staging and production, the newest is."""
    monkeypatch.setitem(known.LOADED, "memory", Memory())
    configure(light, ENVIRONMENTS)
    release(light, OLD, MIDDLE, NEW)
    for version in (OLD, MIDDLE, NEW):
        live(light, version)
    return light


def in_actions(light: Light) -> Light:
    """The same, as a job sees it."""
    facts = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "ada",
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_RUN_ID": "42",
        "GITHUB_SERVER_URL": "https://github.com",
    }
    runner = Runner(environment=facts, stream=light.world.runner.stream)
    light.world = replace(light.world, runner=runner)
    return light


def issues(light: Light) -> list[Issue]:
    return light.world.forge.issues()


def test_a_rollback_opens_an_incident_that_says_all_of_it(shop: Light) -> None:
    done = rollback(in_actions(shop).world, back("wrong for <b>FR</b>", then=Then.DEPLOY))
    (issue,) = issues(shop)
    assert issue.title == f"{LIGHT}: {NEW} was rolled back to {MIDDLE}"
    assert done.incident == f"#{issue.number}"
    body = issue.body
    assert body.startswith(f"<!-- pennon:report:v1 key={LIGHT}/incident -->")
    for words in (
        f"`{LIGHT}` went back from **`{NEW}`** to **`{MIDDLE}`** (`champion`)",
        f"`{NEW}`, `champion` since 20",
        "ran in `production` since 20",
        "`production` answers as `v1.1.0`: http",
        "the deployments to production and staging",
        f"[in this run]({RUN})",
        "https://github.com/acme/shop/releases/tag/model0%23champion%23",
        f"`pennon describe {LIGHT}@{NEW}`",
        f"`pennon retire {LIGHT}@{NEW} --reason …`",
    ):
        assert words in body, words
    assert "<b>" not in body


def test_a_second_rollback_updates_the_issue_and_keeps_the_first_in_it(shop: Light) -> None:
    rollback(shop.world, back("wrong for FR"))
    rollback(shop.world, back("wrong for DE, too"))
    (issue,) = issues(shop)
    assert issue.title == f"{LIGHT}: {MIDDLE} was rolled back to {OLD}"
    before = issue.body.partition("### Before that")[2]
    assert "wrong for FR" in before
    assert f"`{NEW}` | `{MIDDLE}`" in before


def test_what_was_skipped_stands_in_the_issue(shop: Light) -> None:
    shop.ledger.retire(MIDDLE)
    rollback(shop.world, back())
    (issue,) = issues(shop)
    assert f"| skipped | `{MIDDLE}`: it is retired |" in issue.body


def test_an_issue_that_was_closed_is_left_alone(shop: Light) -> None:
    rollback(shop.world, back("wrong for FR"))
    (first,) = issues(shop)
    shop.world.forge.close_issue(first.number)
    rollback(shop.world, back("wrong for DE, too"))
    (second,) = issues(shop)
    assert second.number != first.number


def test_of_two_who_roll_back_at_once_one_tells(
    shop: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bob's rollback arrives between our decision and our push: ours is done, and says so."""

    def late(repo: Repo, writes: Iterable[Write]) -> None:
        monkeypatch.undo()
        monkeypatch.setitem(known.LOADED, "memory", Memory())
        rollback(shop.other(), back("bob saw it, too"))
        push(repo, writes)

    other = shop.other().root
    (other / "pennon.yaml").write_text((shop.world.root / "pennon.yaml").read_text())
    monkeypatch.setattr(write, "push", late)
    done = rollback(shop.world, back("wrong for FR"))
    assert (done.version, done.steps, done.previous) == (MIDDLE, (), MIDDLE)
    (issue,) = issues(shop)
    assert "bob saw it, too" in issue.body
    assert any("was rolled back to v1.1.0 already" in it for it in shop.said)


def test_a_forge_without_issues_leaves_the_rollback_done(
    shop: Light, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise ForgeError("403", hint="give the job the permission `issues: write`")

    monkeypatch.setattr(LocalForge, "create_issue", refuse)
    done = rollback(shop.world, back())
    assert (done.version, done.incident) == (MIDDLE, "")
    assert shop.champions()[-1] == MIDDLE
    assert any(
        "the rollback is done; its incident issue was not written: 403" in it for it in shop.said
    )
    assert capsys.readouterr().out == ""


def test_an_incident_is_written_although_an_environment_failed(
    shop: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(broken={f"staging {MIDDLE}"})
    monkeypatch.setitem(known.LOADED, "memory", memory)
    with pytest.raises(TargetError):
        rollback(shop.world, back(then=Then.DEPLOY))
    (issue,) = issues(shop)
    assert "`production` answers as `v1.1.0`" in issue.body
    assert "`staging` answers" not in issue.body


def test_a_dry_run_opens_none(shop: Light) -> None:
    rollback(shop.world, back(), dry_run=True)
    assert issues(shop) == []


def test_the_next_promotion_is_noted_in_the_incident_once(shop: Light) -> None:
    rollback(shop.world, back())
    for _ in range(2):
        promote(shop.world, Ask(model=LIGHT, version=NEW, stage="challenger", reason="again"))
    (issue,) = issues(shop)
    (comment,) = shop.world.forge.comments(issue.number)
    assert comment.body.startswith(f"`{NEW}` of `{LIGHT}` was promoted to `challenger`")


def test_a_promotion_without_an_incident_opens_none(shop: Light) -> None:
    promote(shop.world, Ask(model=LIGHT, version=NEW, stage="challenger", reason="again"))
    assert issues(shop) == []


def test_a_rollback_that_was_cut_short_tells_when_it_is_run_again(
    shop: Light, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "told", interrupt)
    with pytest.raises(KeyboardInterrupt):
        rollback(shop.world, back())
    monkeypatch.setattr(module, "told", told)
    assert issues(shop) == []
    for _ in range(2):
        rollback(shop.world, back())
    (issue,) = issues(shop)
    assert issue.title == f"{LIGHT}: {NEW} was rolled back to {MIDDLE}"


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
