"""Issues on both forges, and the one that is kept for each key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pennon.errors import ForgeError
from pennon.forge import Action, Forge, Issue, marker
from pennon.forge.ticket import opened, ticket

Author = Callable[[str], Forge]

KEY = "churn/incident"


def said(forge: Forge) -> list[str]:
    """The second line of every open issue: the first one is the marker."""
    return [it.body.splitlines()[1] for it in forge.issues()]


def test_an_issue_is_listed_until_it_is_closed(forge: Forge) -> None:
    made = forge.create_issue("It is down", "since noon", ("incident",))
    (found,) = forge.issues()
    assert found == made
    assert (found.title, found.body, found.author) == (
        "It is down",
        "since noon",
        "github-actions[bot]",
    )
    forge.update_issue(made.number, title="It was down", body="until one")
    assert [(it.title, it.body) for it in forge.issues()] == [("It was down", "until one")]
    forge.close_issue(made.number)
    assert forge.issues() == []


def test_a_pull_request_is_no_issue_and_they_share_their_numbers(forge: Forge, pull: int) -> None:
    made = forge.create_issue("It is down", "since noon")
    assert made.number != pull
    assert [it.number for it in forge.issues()] == [made.number]


def test_an_issue_has_comments(forge: Forge) -> None:
    made = forge.create_issue("It is down", "since noon")
    forge.create_comment(made.number, "mended")
    assert [it.body for it in forge.comments(made.number)] == ["mended"]


def test_what_is_too_long_for_an_issue_is_refused(forge: Forge) -> None:
    with pytest.raises(ForgeError):
        ticket(forge, KEY, "Long", "x" * 70_000, order=1)


def test_one_issue_is_kept_up_to_date(forge: Forge) -> None:
    first = ticket(forge, KEY, "Rolled back", "once", order=1)
    second = ticket(forge, KEY, "Rolled back twice", "twice", order=2)
    assert (first.action, second.action) == (Action.CREATED, Action.UPDATED)
    (issue,) = forge.issues()
    assert (issue.title, said(forge)) == ("Rolled back twice", ["twice"])


def test_who_knows_less_changes_nothing(forge: Forge) -> None:
    ticket(forge, KEY, "Rolled back twice", "twice", order=2)
    late = ticket(forge, KEY, "Rolled back", "once", order=1)
    assert late.action is Action.SUPERSEDED
    assert said(forge) == ["twice"]


def test_the_same_again_is_not_written_again(forge: Forge, asked: Callable[..., list[str]]) -> None:
    ticket(forge, KEY, "Rolled back", "once", order=1)
    before = len(asked("PATCH"))
    assert ticket(forge, KEY, "Rolled back", "once", order=1).action is Action.UNCHANGED
    assert len(asked("PATCH")) == before


def test_a_closed_one_stays_closed_and_another_is_opened(forge: Forge) -> None:
    first = ticket(forge, KEY, "Rolled back", "once", order=1)
    forge.close_issue(first.comment)
    assert ticket(forge, KEY, "Rolled back", "again", order=2).action is Action.CREATED
    assert said(forge) == ["again"]


def test_another_key_has_another_issue(forge: Forge) -> None:
    ticket(forge, KEY, "Rolled back", "churn", order=1)
    ticket(forge, "delay/incident", "Rolled back", "delay", order=1)
    assert said(forge) == ["churn", "delay"]
    found = opened(forge, KEY)
    assert found is not None
    assert "churn" in found.body
    assert opened(forge, "other/incident") is None


def test_a_person_and_a_workflow_share_an_issue(author: Author) -> None:
    ticket(author("github-actions[bot]"), KEY, "Rolled back", "by a workflow", order=1)
    ticket(author("acme"), KEY, "Rolled back", "by its owner", order=2)
    assert said(author("acme")) == ["by its owner"]


def test_two_that_are_opened_at_once_become_the_older_one(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each listed the issues before the other one wrote."""
    text = f"{marker(KEY)}\nby another run\n" + '<!-- pennon:state {"run":1,"attempt":0} -->'
    other: list[Issue] = []
    create = forge.create_issue

    def late(title: str, body: str, labels: tuple[str, ...] = ()) -> Issue:
        other.append(create("Rolled back", text))
        return create(title, body, labels)

    kind = type(forge)
    monkeypatch.setattr(kind, "create_issue", lambda _, *it: late(*it))
    done = ticket(forge, KEY, "Rolled back", "by us, who know more", order=2)
    assert done.comment == other[0].number
    assert said(forge) == ["by us, who know more"]


def test_an_outsider_cannot_speak_for_the_repository(github_as: Author) -> None:
    forge = github_as("github-actions[bot]")
    github_as("mallory").create_issue("Rolled back", f"{marker(KEY)}\nclick here")
    assert opened(forge, KEY) is None
    assert ticket(forge, KEY, "Rolled back", "once", order=1).action is Action.CREATED
    assert said(forge) == ["click here", "once"]


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(
    github_as: Author, fail: Callable[..., None]
) -> None:
    forge = github_as("github-actions[bot]")
    fail("POST", "/issues$", 502, after=True)
    ticket(forge, KEY, "Rolled back", "once", order=1)
    assert said(forge) == ["once"]


def test_a_token_that_may_write_no_issue_is_told_which_permission_it_lacks(
    github_as: Author, fail: Callable[..., None]
) -> None:
    headers = {"X-Accepted-GitHub-Permissions": "issues=write"}
    body = {"message": "Resource not accessible by integration"}
    fail("POST", "/issues$", 403, headers=headers, body=body)
    with pytest.raises(ForgeError) as refused:
        ticket(github_as("github-actions[bot]"), KEY, "Rolled back", "once", order=1)
    assert "`issues: write`" in str(refused.value)
