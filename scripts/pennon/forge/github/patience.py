"""How long and how often a request is repeated that may be repeated blindly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from github.GithubRetry import GithubRetry
from urllib3.response import BaseHTTPResponse

from pennon.forge.github.failures import LONGEST_WAIT

TRIES = 5
SAFE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""A second time changes nothing more. POST is not among them: see Session.create."""


class Patience(GithubRetry):
    """PyGithub's rules, with our sleep, and no `Retry-After` of an hour slept through."""

    def __init__(self, *, pause: Callable[[float], None], **rules: Any) -> None:  # noqa: ANN401  urllib3's own
        self.pause = pause
        super().__init__(**rules)

    def new(self, **rules: Any) -> Self:  # noqa: ANN401  urllib3's own
        return super().new(pause=self.pause, **rules)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        after = self.get_retry_after(response) if response else None
        wait = min(after, LONGEST_WAIT) if after else self.get_backoff_time()
        if wait > 0:
            self.pause(wait)


def patience(pause: Callable[[float], None]) -> Patience:
    return Patience(
        pause=pause,
        total=TRIES,
        backoff_factor=1,
        status_forcelist=[429, *range(500, 600)],
        allowed_methods=SAFE,
        max_rate_limit_wait=LONGEST_WAIT,
        raise_on_status=False,  # the last answer says more than that there were too many
    )
