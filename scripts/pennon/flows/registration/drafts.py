"""The release of a version before its tag exists: a draft that no two registrations share.

Its name comes from its content. Two clones that register the next version at once fill a draft
each, and the one whose tag the remote accepts publishes files that nobody else has written to.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from pennon.flows.steps import Discard, Publish, Step
from pennon.flows.versions.changes import digest
from pennon.flows.world import World
from pennon.registry import Manifest, ModelState, registrations

STALE = timedelta(days=1)
"""No registration takes so long: the draft is of one that was killed."""


def draft_name(manifest: Manifest) -> str:
    """What its release is called until it is published. No git tag has this name."""
    content = digest([manifest.commit, manifest.artifact, manifest.files])
    return f"{_folder(manifest.model)}{content[7:23]}"


def leftovers(world: World, state: ModelState) -> list[Step]:
    """End what registrations that were cut short have left, seen from the newest `state`.

    The draft of a version that has its tag becomes its release; one without that nobody can be at
    work on is dropped. Do it after the next tag is pushed: a push that was under way when its
    process was killed may still arrive, and only an event that was faster keeps it out.
    """
    tags = _tags(state)
    ours = _own(world, state.model)
    return [
        Publish(draft.tag, tags[draft.tag]) if draft.tag in tags else Discard(draft.tag)
        for draft in world.forge.drafts(_folder(state.model))
        if draft.tag in tags or draft.tag in ours or _is_stale(world, draft.at)
    ]


def _tags(state: ModelState) -> dict[str, str]:
    """Draft -> the tag of the version that it holds the files of."""
    payloads = registrations(state.versions.values())
    return {
        draft_name(payload.manifest): event.tag
        for event in state.versions.values()
        if (payload := payloads[event.oid])
    }


def remember(world: World, model: str, draft: str) -> None:
    """Note a draft before it is made, so that this clone can clear it away whenever we die."""
    journal = _journal(world, model)
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a", encoding="utf-8") as file:
        file.write(f"{draft}\n")


def forget(world: World, model: str) -> None:
    """None of this clone's drafts is left."""
    _journal(world, model).unlink(missing_ok=True)


def _own(world: World, model: str) -> set[str]:
    """The drafts that runs in this clone may have left: only one runs here at a time."""
    journal = _journal(world, model)
    return set(journal.read_text(encoding="utf-8").split()) if journal.is_file() else set()


def _journal(world: World, model: str) -> Path:
    return world.workshop / _folder(model).rstrip("/")


def _is_stale(world: World, at: str) -> bool:
    return world.now() - datetime.fromisoformat(at) > STALE


def _folder(model: str) -> str:
    return f"draft/{model.replace(':', '=')}/"
