"""An assignment that is deployed from here, by whoever has no workflow to start."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from pennon.flows.assignment.assign import Ask, Assigned, Then
from pennon.flows.deploy import deploy
from pennon.flows.deployment.places import in_order
from pennon.flows.world import World

A = TypeVar("A", bound=Assigned)


def followed(world: World, ask: Ask, result: A, *, dry_run: bool) -> A:
    """The result, once the environments of its stage run what it says, where that was asked for.

    Raises TargetError where the version does not become healthy; the assignment stands.
    """
    environments = world.config().project.environments
    places = [name for name in in_order(environments) if environments[name].stage == ask.stage]
    if ask.then is not Then.DEPLOY or not places:
        return result
    if not dry_run:
        for name in places:
            deploy(world, name, ask.model)
    step = f"deploy {ask.model} to {', then '.join(places)}"
    return msgspec.structs.replace(result, steps=(*result.steps, step))
