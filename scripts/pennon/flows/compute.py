"""Which runner trains which model: the jobs that a workflow makes of pennon.yaml."""

from __future__ import annotations

import msgspec

from pennon.config import Config
from pennon.flows.world import World

HOSTED = "ubuntu-latest"
OUTPUT = "jobs"
"""What a workflow's step is called by, whose `matrix` it becomes."""


class Job(msgspec.Struct, frozen=True):
    """Models (separated by blanks, as commands take them) that train on one runner in turn."""

    models: str
    runner: str | tuple[str, ...]


def compute(world: World, models: tuple[str, ...], runner: str) -> list[Job]:
    """The jobs that train these models (every one, if none is named), also as a step's output.

    `runner` is that of models of which pennon.yaml says nothing; a hosted one, if it is empty.
    """
    found = jobs(world.config(), models, runner or HOSTED)
    world.runner.output(OUTPUT, msgspec.json.encode(found).decode())
    return found


def jobs(config: Config, models: tuple[str, ...], usual: str) -> list[Job]:
    """One for each runner, in the order of pennon.yaml. Raises ConfigError for an unknown model."""
    for name in models:
        config.model(name)
    found: dict[str | tuple[str, ...], list[str]] = {}
    for name in config.project.models:
        if not models or name in models:
            said = config.project.compute.get(name)
            found.setdefault(said.runner if said else usual, []).append(name)
    return [Job(" ".join(names), runner) for runner, names in found.items()]
