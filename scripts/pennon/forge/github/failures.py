"""What an answer that is not the wished one means: wait, look, or say what to do next. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from github.GithubException import GithubException, RateLimitExceededException
from requests.exceptions import RequestException

from pennon.errors import ForgeError
from pennon.forge.settings import PlanError

Failure = GithubException | RequestException
FAILURES = (GithubException, RequestException)

LONGEST_WAIT = 300.0
"""Seconds; a job that sleeps longer for a rate limit only burns minutes."""
SECONDARY_WAIT = 60.0
"""Seconds that GitHub asks for where it names none ("wait for at least one minute")."""

_DOWN = "see whether GitHub is up (www.githubstatus.com), then run again"
_OTHER = "run again; if it stays, the sentence above is GitHub's own"
_HINTS = {
    401: "the token is wrong or has expired; set GITHUB_TOKEN",
    404: "it does not exist, or the token may not see it (a private repository?)",
    422: "GitHub understood and refused, repeating cannot help; mend what it names",
}
_SERVER = range(500, 600)
_FORBIDDEN = 403
_MISSING = 404
_TOO_MANY = 429
_PLAN = re.compile(r"upgrade to github|billing plan", re.IGNORECASE)
"""How GitHub says that a rule is there for who pays, or for public repositories."""


def delay(error: Failure, tries: int, now: float) -> float | None:
    """Seconds to wait before a POST is worth repeating; None where repeating cannot help."""
    if is_rate_limit(error):
        wait = _reset(_headers(error), now)
        return wait if wait <= LONGEST_WAIT else None
    return float(2**tries) if is_uncertain(error) else None


def is_uncertain(error: Failure) -> bool:
    """GitHub may have done what we asked before the answer was lost."""
    return not isinstance(error, GithubException) or error.status in _SERVER


def is_rate_limit(error: Failure) -> bool:
    if not isinstance(error, GithubException):
        return False
    if error.status == _TOO_MANY or isinstance(error, RateLimitExceededException):
        return True
    return error.status == _FORBIDDEN and "retry-after" in _headers(error)


def is_missing(error: Failure) -> bool:
    return isinstance(error, GithubException) and error.status in {404, 410}


def explain(error: Failure, doing: str, where: str, now: float, *, needs: str = "") -> ForgeError:
    """What we were doing, where, what came back, and what to do about it.

    `needs` is the right that a token has to have for it; GitHub itself does not always say.
    """
    if not isinstance(error, GithubException):
        what = f"cannot {doing} ({where}): no answer ({type(error).__name__})"
        return ForgeError(what, hint=_DOWN)
    said = _said(error)
    what = f"cannot {doing} ({where}): {error.status} {said}".rstrip()
    if not is_rate_limit(error) and _PLAN.search(said):
        return PlanError(what, hint=said)
    return ForgeError(what, hint=_hint(error, now, needs))


def _hint(error: GithubException, now: float, needs: str) -> str:
    headers = _headers(error)
    if is_rate_limit(error):
        at = datetime.fromtimestamp(now + _reset(headers, now), UTC)
        return f"the rate limit of this token is used up; run again after {at:%H:%M} UTC"
    if needs and error.status in {_FORBIDDEN, _MISSING}:
        return f"this takes a token with `{needs}`, such as an administrator's own"
    if error.status == _FORBIDDEN:
        return _permission(headers)
    return _HINTS.get(error.status, _DOWN if error.status in _SERVER else _OTHER)


def _permission(headers: Mapping[str, str]) -> str:
    """GitHub names what would have been enough, such as `issues=write; pull_requests=write`."""
    enough = headers.get("x-accepted-github-permissions", "").partition(";")[0]
    name, _, level = enough.partition("=")
    wanted = f"`{name.replace('_', '-')}: {level}`" if level else "what this needs"
    return (
        f"the token may not do this; give the job the permission {wanted} "
        "(in a pull request from a fork it is always read-only)"
    )


def _said(error: GithubException) -> str:
    """GitHub's sentence and, of a validation, each field with what is wrong."""
    data = error.data
    if not isinstance(data, dict):
        return ""
    problems = [_problem(it) for it in data.get("errors") or []]
    return ": ".join(part for part in (str(data.get("message", "")), ", ".join(problems)) if part)


def _problem(it: Any) -> str:  # noqa: ANN401  foreign data comes in here
    if not isinstance(it, dict):
        return str(it)
    return str(it.get("message") or f"{it.get('field', '?')} {it.get('code', '')}".strip())


def _reset(headers: Mapping[str, str], now: float) -> float:
    """Seconds until GitHub wants to hear from us again."""
    if (after := headers.get("retry-after", "")).isdecimal():
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(int(reset) - now, 0.0) + 1  # the second in which it resets is not over yet
    return SECONDARY_WAIT


def _headers(error: Failure) -> dict[str, str]:
    found = error.headers if isinstance(error, GithubException) else None
    return {name.lower(): str(value) for name, value in (found or {}).items()}
