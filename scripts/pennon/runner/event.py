"""The event that started a workflow, as far as pennon cares."""

from __future__ import annotations

from typing import Any

import msgspec

DEPENDABOT = "dependabot[bot]"


class _Ref(msgspec.Struct):
    sha: str = ""
    ref: str = ""
    repo: dict[str, Any] | None = None


class _Label(msgspec.Struct):
    name: str


class _Actor(msgspec.Struct):
    login: str = ""


class _Pull(msgspec.Struct):
    number: int
    head: _Ref
    base: _Ref
    labels: list[_Label] = []


class _Run(msgspec.Struct):
    id: int
    head_sha: str
    run_attempt: int = 1
    event: str = ""
    html_url: str = ""
    repository: dict[str, Any] | None = None
    head_repository: dict[str, Any] | None = None
    actor: _Actor | None = None


class _Payload(msgspec.Struct):
    pull_request: _Pull | None = None
    workflow_run: _Run | None = None
    sender: _Actor | None = None
    before: str = ""


class PullEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The pull request of the event. Commit ids are of the branch tips.

    `read_only`: GitHub gives the run a token that cannot write, for a fork and for Dependabot.
    """

    number: int
    head: str
    base: str
    base_branch: str
    branch: str
    labels: tuple[str, ...]
    from_fork: bool
    read_only: bool = False


class RunEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A run of another workflow that has ended, for whoever comes after it.

    `head` is the commit that it ran for, `event` what had started it; `read_only` as above.
    """

    id: int
    attempt: int
    head: str
    event: str
    url: str
    from_fork: bool
    read_only: bool


class Event(msgspec.Struct, frozen=True, kw_only=True):
    pull: PullEvent | None = None
    ran: RunEvent | None = None
    before: str = ""  # of a push: what the branch was before


def parse(payload: bytes) -> Event:
    """The event; an empty one where the payload is none of ours."""
    try:
        found = msgspec.json.decode(payload, type=_Payload)
    except msgspec.DecodeError:
        return Event()
    pull, run = found.pull_request, found.workflow_run
    return Event(
        before=found.before,
        pull=_pull(pull, found.sender) if pull else None,
        ran=_ran(run) if run else None,
    )


def _pull(pull: _Pull, sender: _Actor | None) -> PullEvent:
    from_fork = _name(pull.head.repo) != _name(pull.base.repo)
    return PullEvent(
        number=pull.number,
        head=pull.head.sha,
        base=pull.base.sha,
        base_branch=pull.base.ref,
        branch=pull.head.ref,
        labels=tuple(label.name for label in pull.labels),
        from_fork=from_fork,
        read_only=from_fork or _is_dependabot(sender),
    )


def _ran(run: _Run) -> RunEvent:
    from_fork = _name(run.head_repository) != _name(run.repository)
    return RunEvent(
        id=run.id,
        attempt=run.run_attempt,
        head=run.head_sha,
        event=run.event,
        url=run.html_url,
        from_fork=from_fork,
        read_only=from_fork or _is_dependabot(run.actor),
    )


def _name(repository: dict[str, Any] | None) -> str:
    """Empty for a repository that was deleted."""
    return str((repository or {}).get("full_name", ""))


def _is_dependabot(actor: _Actor | None) -> bool:
    return actor is not None and actor.login == DEPENDABOT
