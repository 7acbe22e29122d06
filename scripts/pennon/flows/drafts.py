"""The release of a version before its tag exists: a draft that no two registrations share.

Its name comes from its content. Two clones that register the next version at once fill a draft
each, and the one whose tag the remote accepts publishes files that nobody else has written to.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pennon.errors import RegistryError
from pennon.flows.candidate import read
from pennon.flows.changes import digest
from pennon.flows.steps import Discard, Step
from pennon.flows.world import World
from pennon.registry import Manifest, ModelState, registrations

STALE = timedelta(days=1)
"""No registration takes so long: the draft is of one that was killed."""


def draft_name(manifest: Manifest) -> str:
    """What its release is called until it is published. No git tag has this name."""
    content = digest([manifest.commit, manifest.artifact, manifest.files])
    return f"{_folder(manifest.model)}{content[7:23]}"


def leftovers(world: World, state: ModelState) -> list[Step]:
    """Drop the drafts of registrations that ended half way, and of no version that has its tag."""
    payloads = registrations(world.repo, state.versions.values()).values()
    tagged = {draft_name(payload.manifest) for payload in payloads if payload}
    ours = _own(world, state.model)
    return [
        Discard(draft.tag)
        for draft in world.forge.drafts(_folder(state.model))
        if draft.tag not in tagged and (draft.tag == ours or _is_stale(world, draft.at))
    ]


def _own(world: World, model: str) -> str:
    """The draft that the last run in this clone may have left: only one runs here at a time."""
    try:
        return draft_name(read(world, model).manifest)
    except RegistryError:
        return ""


def _is_stale(world: World, at: str) -> bool:
    return world.now() - datetime.fromisoformat(at) > STALE


def _folder(model: str) -> str:
    return f"draft/{model.replace(':', '=')}/"
