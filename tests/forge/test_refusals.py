"""What GitHub refuses, and how long we wait for it: the message says what to do next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pennon.errors import ForgeError
from pennon.forge import Forge

Author = Callable[[str], Forge]
Fail = Callable[..., None]
Asked = Callable[[str], list[str]]

COMMENTS = r"/issues/\d+/comments$"
LOST = 0


@pytest.fixture
def forge(github_as: Author) -> Forge:
    return github_as("github-actions[bot]")


RATE_LIMITS = {
    "429 without a word": (429, {}, 60.0),
    "429 with Retry-After": (429, {"Retry-After": "7"}, 7.0),
    "403 with Retry-After": (403, {"Retry-After": "7"}, 7.0),
    "secondary": (403, {}, 60.0),
    "primary": (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795262430"}, 31.0),
}
MESSAGES = {
    "secondary": "You have exceeded a secondary rate limit",
    "primary": "API rate limit exceeded for installation",
}


@pytest.mark.parametrize("name", RATE_LIMITS)
def test_a_rate_limit_is_waited_for_and_the_comment_written_once(
    forge: Forge, pull: int, fail: Fail, waits: list[float], *, name: str
) -> None:
    status, headers, wait = RATE_LIMITS[name]
    fail("POST", COMMENTS, status, headers=headers, body={"message": MESSAGES.get(name, "Slow!")})
    forge.create_comment(pull, "the report")
    assert len(forge.comments(pull)) == 1
    assert waits == [wait]


def test_a_rate_limit_of_an_hour_is_not_slept_through(
    forge: Forge, pull: int, fail: Fail, waits: list[float]
) -> None:
    fail("POST", COMMENTS, 429, headers={"Retry-After": "3600"}, body={"message": "Slow down"})
    with pytest.raises(ForgeError, match=r"rate limit .* run again after 13:00 UTC"):
        forge.create_comment(pull, "the report")
    assert waits == []


def test_a_rate_limit_of_an_hour_stops_a_read_as_well(forge: Forge, pull: int, fail: Fail) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
    body = {"message": "API rate limit exceeded for installation"}
    fail("GET", COMMENTS, 403, headers=headers, body=body)
    with pytest.raises(ForgeError, match="rate limit"):
        forge.comments(pull)


def test_it_gives_up_after_five_tries(
    forge: Forge, pull: int, fail: Fail, waits: list[float]
) -> None:
    for _ in range(5):
        fail("POST", COMMENTS, 503, body={"message": "Unicorn"})
    with pytest.raises(ForgeError, match=r"cannot comment on #\d+ .*: 503 Unicorn; see whether"):
        forge.create_comment(pull, "the report")
    assert waits == [1.0, 2.0, 4.0, 8.0]


REFUSALS = pytest.mark.parametrize(
    ("status", "headers", "body", "says"),
    [
        (401, {}, {"message": "Bad credentials"}, "401 Bad credentials; the token is wrong"),
        (
            403,
            {"X-Accepted-GitHub-Permissions": "issues=write; pull_requests=write"},
            {"message": "Resource not accessible by integration"},
            "give the job the permission `issues: write`",
        ),
        (403, {}, {"message": "Resource not accessible"}, "permission what this needs"),
        (404, {}, {"message": "Not Found"}, "404 Not Found; it does not exist, or the token"),
        (
            422,
            {},
            {"message": "Validation Failed", "errors": [{"field": "body", "code": "invalid"}]},
            "422 Validation Failed: body invalid; GitHub understood and refused",
        ),
        (422, {}, {"message": "No", "errors": ["just text"]}, "422 No: just text"),
        (451, {}, None, "451; run again"),
    ],
)


@REFUSALS
def test_a_refusal_says_what_to_do(
    forge: Forge,
    fail: Fail,
    *,
    status: int,
    headers: dict[str, str],
    body: object,
    says: str,
) -> None:
    fail("POST", COMMENTS, status, headers=headers, body=body)
    with pytest.raises(ForgeError) as refused:
        forge.create_comment(1, "the report")
    assert says in str(refused.value)


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422])
def test_a_refusal_is_final(
    forge: Forge, fail: Fail, asked: Asked, waits: list[float], *, status: int
) -> None:
    fail("POST", COMMENTS, status)
    with pytest.raises(ForgeError):
        forge.create_comment(1, "the report")
    assert (waits, len(asked("POST"))) == ([], 1)


def test_a_read_that_is_given_up_passes_on_what_github_said(forge: Forge, fail: Fail) -> None:
    for _ in range(6):
        fail("GET", COMMENTS, 503, body={"message": "Unicorn"})
    with pytest.raises(ForgeError, match=r"cannot read the comments of #1 .*: 503 Unicorn; see"):
        forge.comments(1)


def test_a_name_that_a_rate_limit_hides_is_not_guessed(github_as: Author, fail: Fail) -> None:
    for _ in range(6):
        fail("GET", "/user$", 403, headers={"Retry-After": "1"}, body={"message": "Slow"})
    with pytest.raises(ForgeError, match="rate limit"):
        github_as("mallory").login()


def test_a_wrong_token_is_no_workflow(github_as: Author, fail: Fail) -> None:
    fail("GET", "/user$", 401, body={"message": "Bad credentials"})
    with pytest.raises(ForgeError, match="cannot find out whose token this is"):
        github_as("expired").login()


def test_an_unreachable_github_is_no_traceback(
    forge: Forge, fail: Fail, waits: list[float]
) -> None:
    for _ in range(6):
        fail("GET", COMMENTS, LOST)
    with pytest.raises(ForgeError, match=r"no answer \(ConnectionError\)"):
        forge.comments(1)
    assert waits == [2.0, 4.0, 8.0, 16.0]


def test_a_read_waits_as_long_as_it_is_told_but_not_an_hour(
    forge: Forge, pull: int, fail: Fail, waits: list[float]
) -> None:
    fail("GET", COMMENTS, 429, headers={"Retry-After": "7"})
    fail("GET", COMMENTS, 429, headers={"Retry-After": "3600"})
    assert forge.comments(pull) == []
    assert waits == [7.0, 300.0]


def test_an_unknown_workflow_is_refused(forge: Forge) -> None:
    with pytest.raises(ForgeError, match=r"cannot start missing\.yml on main"):
        forge.dispatch("missing.yml", "main", {})
