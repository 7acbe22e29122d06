"""A registered version as an object that predicts, for notebooks and jobs."""

from __future__ import annotations

from pennon.artifacts.bundle import Bundle
from pennon.flows.versions.bundle import bundle
from pennon.flows.world import World
from pennon.registry.reference import meant


def load(world: World, wanted: str) -> Bundle:
    """The version that `wanted` means now, verified and loaded; its files are kept by digest.

    Raises RegistryError for what is not registered, ArtifactError for what is not as recorded.
    """
    asked = world.reference(wanted)
    state = world.state(asked.model)
    found = Bundle(bundle(world, state, meant(state, asked)))
    found.load()
    return found
