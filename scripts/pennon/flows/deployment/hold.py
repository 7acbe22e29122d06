"""What holds a version back from an environment although it holds the stage: rules of people."""

from __future__ import annotations

from pennon.config import Approval
from pennon.flows.deployment.wanted import Wanted
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.registry import Event, assignments

_BOT = "[bot]"


def hold(world: World, it: Wanted) -> str:
    """Why the version does not go there yet; empty where nothing holds it.

    Nothing holds a rollback: it is the way out.
    """
    if is_rollback(it.event):
        return ""
    if it.place.approval is Approval.BY_HAND and world.runner.actor.endswith(_BOT):
        return "a person has to start this deployment"
    if not it.place.requires.labels:
        return ""
    return _unlabelled(world, it)


def is_rollback(event: Event) -> bool:
    payload = assignments([event])[event.oid]
    return payload is not None and payload.rollback


def _unlabelled(world: World, it: Wanted) -> str:
    """Labels of the pull request that the version came from: people put them there."""
    needed = it.place.requires.labels
    merged = world.forge.merged(manifest(it.state, it.version).commit)
    if merged is None:
        return f"it needs {', '.join(needed)}, and its commit came without a pull request"
    missing = [name for name in needed if name not in merged.labels]
    if not missing:
        return ""
    return f"pull request #{merged.number}, which it came from, is not labelled {missing[0]}"
