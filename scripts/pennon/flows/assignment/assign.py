"""What promote and rollback share: one assignment, decided on the remote's state, then deployed."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from pennon.config import Config
from pennon.errors import RegistryError
from pennon.flows.steps import Append, Dispatch, Step
from pennon.flows.world import World
from pennon.registry import Assignment, EventKind, ModelState, Version
from pennon.registry.write import NewEvent


class Then(StrEnum):
    """What follows an assignment."""

    DISPATCH = "dispatch"  # start the deploy workflow: a token's tag starts none by itself
    DEPLOY = "deploy"  # reconcile the environments from here
    NOTHING = "nothing"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment as somebody asks for it. Without a version: the obvious one.

    A rollback may name the version that it is `leaving`: where another one holds the stage by now,
    nothing is wrong any more. A promotion that is only `asking` opens a pull request.
    """

    model: str
    stage: str = "champion"
    version: str | None = None
    reason: str = ""
    leaving: str = ""
    asking: bool = False
    then: Then = Then.NOTHING


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    """What holds the stage now, who held it before, and what was written for it (if anything)."""

    model: str
    stage: str
    version: str
    previous: str | None
    reason: str
    tag: str
    steps: tuple[str, ...] = ()


def checked(config: Config, ask: Ask) -> Ask:
    """With the stage's own name. Raises ConfigError, RegistryError for what pennon.yaml has not."""
    config.model(ask.model)
    stage = config.project.stage(ask.stage)
    if stage not in config.project.stages:
        known = ", ".join([*config.project.stages, *config.project.aliases])
        raise RegistryError(
            f"pennon.yaml has no stage {ask.stage!r}", hint=f"its stages are: {known}"
        )
    return msgspec.structs.replace(ask, stage=stage)


def steps(
    world: World, ask: Ask, found: tuple[ModelState, str], assignment: Assignment
) -> tuple[Append, list[Step]]:
    """The event, and the steps that make it real."""
    state, head = found
    version = Version(assignment.version)
    event = NewEvent(
        kind=EventKind.ASSIGN,
        model=ask.model,
        version=version,
        stage=ask.stage,
        commit=state.find(version).commit,
        payload=assignment,
    )
    return Append(event, state, head, world.repo.default_branch()), then(world, ask)


def then(world: World, ask: Ask) -> list[Step]:
    """What follows the event; again, too, where the event was written by one who was cut short."""
    if ask.then is not Then.DISPATCH:
        return []
    return [Dispatch("deploy.yml", world.repo.default_branch(), {"model": ask.model})]
