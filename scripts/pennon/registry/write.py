"""Adding one event to a model's ledger: compare-and-swap on the remote, all or nothing."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pennon.errors import ConflictError, RegistryError
from pennon.git import Repo, remote_refs
from pennon.git.push import WorkflowRuleError, Write, keep, make, push, tip
from pennon.registry.grammar import EventKind, EventName, Version, tag_name
from pennon.registry.names import is_new, refuse_clash, refuse_shared_commit
from pennon.registry.payload import Payload, message
from pennon.registry.read import head_ref
from pennon.registry.state import ModelState

_OF_A_VERSION = (EventKind.REGISTER, EventKind.RETIRE)


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was decided on `state`; nothing of it is written yet."""

    kind: EventKind
    model: str
    version: Version | None = None  # none where the model retires
    stage: str = ""
    commit: str
    payload: Payload

    def name(self, state: ModelState) -> str:
        """The tag it gets on top of `state`: the counter is one per model, over all its tags."""
        return tag_name(self._name(state))

    def _name(self, state: ModelState) -> EventName:
        version = self.version if self.kind in _OF_A_VERSION else None
        return state.next_name(self.kind, version, self.stage)

    def check(self, repo: Repo, state: ModelState) -> None:
        """Raises RegistryError where the names, or the commit, have no room for it."""
        name = self._name(state)
        if is_new(name, state):
            refs = remote_refs(repo, "refs/tags/*")
            refuse_clash(name, (ref.removeprefix("refs/tags/") for ref in refs))
        if self.kind is EventKind.REGISTER and name.version:
            refuse_shared_commit(state, name.version, self.commit)


class Written(msgspec.Struct, frozen=True):
    """Where the event is now. `moved` tells why it does not sit on the version's own commit."""

    tag: str
    oid: str
    commit: str
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
    `elsewhere` is a branch whose head may carry the tag where GitHub's rule about workflow files
    forbids the version's own commit (the payload's version is what counts).
    """
    _refuse_half_read(repo, state, head)
    event.check(repo, state)
    try:
        return _write(repo, state, head, event, now=now)
    except WorkflowRuleError as error:
        if elsewhere is None:
            raise
        moved = msgspec.structs.replace(event, commit=tip(repo, elsewhere))
        written = _write(repo, state, head, moved, now=now)
        return msgspec.structs.replace(written, moved=error.what)


def _refuse_half_read(repo: Repo, state: ModelState, head: str) -> None:
    """The head ref names an event that was not read.

    A remote lists its refs while others write them: it may show a head whose tag comes a moment
    later. If it does not come, somebody removed the newest event; another one after it would hide
    that.
    """
    if not head or any(event.oid == head for event in state.events):
        return
    ref = head_ref(state.model)
    name = state.model.replace(":", "=")
    listed = remote_refs(repo, f"refs/tags/{name}@*", f"refs/tags/{name}#*", ref)
    known = {ref, *(f"refs/tags/{finding.tag}" for finding in state.findings)}
    late = [name for name, oid in listed.items() if oid == head and name not in known]
    if listed.get(ref) != head or late:
        raise ConflictError(f"{repo.remote} was read while somebody wrote to {state.model}")
    raise RegistryError(
        f"the newest event of {state.model} is gone: {ref} says {head[:7]}, and no tag is that",
        hint=f"somebody deleted or moved it; a clone that has it can restore it: git push "
        f"{repo.remote} <tag>",
    )


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
    return Written(tag, oid, event.commit)
