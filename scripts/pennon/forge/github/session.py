"""The conversation with GitHub: PyGithub under our own rules for repeating and refusing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import github
from github import BadAttributeException, GithubException
from github.Auth import Token
from github.Deployment import Deployment
from github.GitRelease import GitRelease
from github.GitReleaseAsset import GitReleaseAsset
from github.IssueComment import IssueComment
from github.Repository import Repository

from pennon.errors import ForgeError
from pennon.forge.github.failures import (
    FAILURES,
    Failure,
    delay,
    explain,
    is_missing,
    is_rate_limit,
    is_uncertain,
)
from pennon.forge.github.patience import TRIES, patience
from pennon.forge.github.records import ACTIONS_LOGIN
from pennon.forge.github.transfer import Transfer

T = TypeVar("T")
Json = dict[str, Any]

OF_AN_APP = "ghs_"
"""How the token of a workflow begins, and that of any app: none of them may ask for its name."""
FORBIDDEN = 403
_PAGE = 100

# Importing PyGithub makes its logger print to stderr, where pennon talks to people.
for _handler in list(logging.getLogger("github").handlers):
    logging.getLogger("github").removeHandler(_handler)


@dataclass(frozen=True, eq=False)
class Session:
    """One token and one repository. The fields are those of GitHubForge."""

    repository: str
    token: str = field(repr=False)
    api_url: str
    sleep: Callable[[float], None]
    now: Callable[[], float]
    pace: float
    timeout: int
    where: str

    @cached_property
    def client(self) -> github.Github:
        return github.Github(
            auth=Token(self.token),
            base_url=self.api_url,
            timeout=self.timeout,
            user_agent="pennon",
            per_page=100,
            retry=patience(self.sleep),
            seconds_between_requests=0,
            seconds_between_writes=self.pace,
            lazy=True,
        )

    @cached_property
    def repo(self) -> Repository:
        return self.client.get_repo(self.repository)

    @cached_property
    def transfer(self) -> Transfer:
        return Transfer(self.token, self.timeout, self.sleep)

    @cached_property
    def login(self) -> str:
        """The name behind the token. That of a workflow may not ask for it, but it is known."""
        if self.token.startswith(OF_AN_APP):
            return ACTIONS_LOGIN

        def send() -> str:
            try:
                return self.client.get_user().login
            except GithubException as error:
                if error.status != FORBIDDEN or is_rate_limit(error):
                    raise
                return ACTIONS_LOGIN

        return self.ask("find out whose token this is", send)

    def ask(self, doing: str, send: Callable[[], T], *, needs: str = "") -> T:
        """Anything but a POST: PyGithub repeats it by itself. Raises ForgeError."""
        try:
            return send()
        except FAILURES as error:
            raise self.refuse(error, doing, needs=needs) from error

    def create(
        self, doing: str, send: Callable[[], T], find: Callable[[], T | None], *, needs: str = ""
    ) -> T:
        """A POST: where it may have worked, `find` looks before `send` does it again."""
        tries = 0
        while True:
            try:
                return send()
            except FAILURES as error:
                wait = delay(error, tries, self.now())
                tries += 1
                if wait is None or tries == TRIES:
                    raise self.refuse(error, doing, needs=needs) from error
                self.sleep(wait)
                found = self.ask(doing, find) if is_uncertain(error) else None
            if found is not None:
                return found

    def seek(self, send: Callable[[], T]) -> T | None:
        """None where there is no such thing."""
        try:
            return send()
        except GithubException as error:
            if is_missing(error):
                return None
            raise

    def comment(self, comment: int) -> IssueComment:
        """Not read yet. The address of a comment does not name its issue."""
        url = f"{self.repo.url}/issues/comments/{comment}"
        return IssueComment(self.repo.requester, url=url)

    def patch_release(self, release: int, change: dict[str, Any]) -> GitRelease:
        """Only what changes: PyGithub's own update would send `draft` along, and so publish."""
        requester = self.repo.requester
        url = f"{self.repo.url}/releases/{release}"
        headers, data = requester.requestJsonAndCheck("PATCH", url, input=change)
        return GitRelease(requester, headers, data, completed=True)

    def json(
        self, method: str, path: str, body: Json | None = None, asked: Json | None = None
    ) -> Any:  # noqa: ANN401  foreign data comes in here
        """What an address of the repository answers; PyGithub has no words for some of them."""
        requester, url = self.repo.requester, f"{self.repo.url}{path}"
        return requester.requestJsonAndCheck(method, url, parameters=asked, input=body)[1]

    def pages(self, path: str, asked: Json, *, inside: str = "", size: int = _PAGE) -> list[Json]:
        """All of a list; `inside` is its key where the answer is more than the list."""
        listed: list[Json] = []
        for page in count(1):
            more = self.json("GET", path, asked={**asked, "per_page": size, "page": page})
            more = more[inside] if inside else more
            listed += more
            if len(more) < size:
                break
        return listed

    def rulesets(self, asked: Json) -> list[Json]:
        """Each whole: the list has neither patterns nor rules."""
        listed = self.pages("/rulesets", asked)
        return [self.json("GET", f"/rulesets/{it['id']}") for it in listed]

    def artifacts(self, run: int, name: str) -> list[dict[str, Any]]:
        """Those that GitHub still has. A run has one of a name for each of its attempts."""
        asked = {"name": name, "per_page": _PAGE}
        found = self.json("GET", f"/actions/runs/{run}/artifacts", asked=asked)
        return [it for it in found["artifacts"] if it["name"] == name and not it["expired"]]

    def payload(self, it: Deployment) -> object:
        """As GitHub hands it out; PyGithub refuses one that is text."""
        try:
            return it.payload
        except BadAttributeException as text:
            return text.actual_value

    def upload(self, release: GitRelease, path: Path) -> GitReleaseAsset:
        url = release.upload_url.partition("{")[0]
        data = self.transfer.upload(url, path)
        return GitReleaseAsset(self.repo.requester, {}, data, completed=True)

    def refuse(self, error: Failure, doing: str, *, needs: str = "") -> ForgeError:
        return explain(error, doing, self.where, self.now(), needs=needs)
