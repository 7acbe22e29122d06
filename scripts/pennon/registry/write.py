"""Adding one event to a model's ledger: compare-and-swap on the remote, all or nothing."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pennon.git import Repo, WorkflowRuleError, Write, keep, make, push
from pennon.registry.grammar import EventKind, EventName, Version, tag_name
from pennon.registry.payload import Payload, message
from pennon.registry.read import head_ref
from pennon.registry.state import ModelState

_NUMBERED = (EventKind.ASSIGN, EventKind.UNASSIGN)


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was decided on `state`; nothing of it is written yet."""

    kind: EventKind
    model: str
    version: Version
    stage: str = ""
    commit: str
    payload: Payload

    def name(self, state: ModelState) -> str:
        """The tag it gets on top of `state`: the counter is one per model, over all its tags."""
        counter = state.counter + 1 if self.kind in _NUMBERED else None
        event = EventName(
            kind=self.kind,
            model=self.model,
            version=self.version,
            stage=self.stage,
            counter=counter,
        )
        return tag_name(event)


class Written(msgspec.Struct, frozen=True):
    """Where the event is now. `moved` tells why it does not sit on the version's own commit."""

    tag: str
    oid: str
    moved: str = ""


def append(
    repo: Repo,
    state: ModelState,
    head: str,
    event: NewEvent,
    *,
    now: Callable[[], float],
    elsewhere: str | None = None,
) -> Written:
    """Write `event` after `state`, which was read from the remote with its head ref at `head`.

    Raises ConflictError if the remote moved since: then nothing is written, here or there.
    `elsewhere` is a commit that may carry the tag where GitHub's rule about workflow files
    forbids the version's own (the payload's version is what counts).
    """
    try:
        return _write(repo, state, head, event, now=now)
    except WorkflowRuleError as error:
        if elsewhere is None:
            raise
        moved = msgspec.structs.replace(event, commit=elsewhere)
        written = _write(repo, state, head, moved, now=now)
        return Written(written.tag, written.oid, str(error))


def _write(
    repo: Repo, state: ModelState, head: str, event: NewEvent, *, now: Callable[[], float]
) -> Written:
    last = state.last
    payload = msgspec.structs.replace(event.payload, previous=last.oid if last else None)
    seconds = max(int(now()), last.seconds + 1 if last else 0)
    tag = event.name(state)
    text = message(event.kind, payload, event.model)
    oid = make(repo, tag, event.commit, message=text, seconds=seconds)
    push(repo, [Write(f"refs/tags/{tag}", oid), Write(head_ref(event.model), oid, head)])
    keep(repo, tag, oid)
    return Written(tag, oid)
