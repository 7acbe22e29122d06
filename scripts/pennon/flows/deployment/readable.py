"""A configuration to go on with where the newest commit broke it: an emergency cannot wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pennon.config import GATES, PARAMS, PRINCIPLES, PROJECT, ROLLOUT
from pennon.errors import ConfigError
from pennon.flows.world import World
from pennon.registry import read_local

FILES = (PROJECT, GATES, PARAMS, PRINCIPLES, ROLLOUT, "data")
MOST = 50
"""Changes of the configuration that are looked through."""


def readable(world: World, model: str | None = None) -> World:
    """The world, with its configuration as the newest commit has it that can be read.

    Raises ConfigError, that of the work tree, where none can.
    """
    try:
        world.config()
    except ConfigError as error:
        for commit in _past(world, model):
            there = replace(world, at=commit, open_forge=lambda: world.forge)
            try:
                there.config()
            except ConfigError:
                continue
            world.say(f"{error.what}\ngoing on with the configuration of {commit[:7]}")
            world.runner.annotate("warning", f"the configuration of {commit[:7]} is used: {error}")
            return there
        raise
    return world


def in_emergency(world: World) -> World:
    """A job goes on with the last configuration that can be read: a rollback may have started it.

    At a desk a mistake in the work tree is shown to whoever makes it.
    """
    return readable(world) if world.runner.is_actions else world


def _past(world: World, model: str | None) -> Iterator[str]:
    """Of a clone without history at least the commits of the model's versions are here."""
    yield from world.repo.changes_of(*FILES, most=MOST)
    if model is not None:
        versions = read_local(world.repo, model).versions
        yield from (event.commit for event in reversed(list(versions.values())))
