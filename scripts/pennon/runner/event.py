"""The event that started a workflow, as far as pennon cares."""

from __future__ import annotations

from typing import Any

import msgspec


class _Ref(msgspec.Struct):
    sha: str = ""
    ref: str = ""
    repo: dict[str, Any] | None = None


class _Label(msgspec.Struct):
    name: str


class _Pull(msgspec.Struct):
    number: int
    head: _Ref
    base: _Ref
    labels: list[_Label] = []


class _Payload(msgspec.Struct):
    pull_request: _Pull | None = None
    before: str = ""


class PullEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The pull request of the event. Commit ids are of the branch tips."""

    number: int
    head: str
    base: str
    base_branch: str
    branch: str
    labels: tuple[str, ...]
    from_fork: bool


class Event(msgspec.Struct, frozen=True, kw_only=True):
    pull: PullEvent | None = None
    before: str = ""  # of a push: what the branch was before


def parse(payload: bytes) -> Event:
    """The event; an empty one where the payload is none of ours."""
    try:
        found = msgspec.json.decode(payload, type=_Payload)
    except msgspec.DecodeError:
        return Event()
    pull = found.pull_request
    if pull is None:
        return Event(before=found.before)
    theirs, ours = (_repository(ref) for ref in (pull.head, pull.base))
    return Event(
        before=found.before,
        pull=PullEvent(
            number=pull.number,
            head=pull.head.sha,
            base=pull.base.sha,
            base_branch=pull.base.ref,
            branch=pull.head.ref,
            labels=tuple(label.name for label in pull.labels),
            from_fork=theirs != ours,
        ),
    )


def _repository(ref: _Ref) -> str:
    return str((ref.repo or {}).get("full_name", ""))
