"""Give the stage back to the version that held it before: one new assignment, no ML, no gates."""

from __future__ import annotations

from pennon.errors import RegistryError
from pennon.flows.assign import Ask, Assigned, check, steps, until_settled
from pennon.flows.release import manifest
from pennon.flows.steps import apply
from pennon.flows.world import World
from pennon.registry import Assignment, ModelState, Version, previous_holders, read_remote
from pennon.registry import version as parse_version


def rollback(world: World, ask: Ask, *, dry_run: bool = False) -> Assigned:
    """Raises RegistryError where the stage is empty or there is no version to go back to."""
    check(world.config(), ask)
    return until_settled(world, lambda: _once(world, ask, dry_run=dry_run))


def _once(world: World, ask: Ask, *, dry_run: bool) -> Assigned:
    state, head = read_remote(world.repo, ask.model)
    holder = state.holder(ask.stage)
    version = _target(state, ask)
    assignment = Assignment(
        version=str(version),
        stage=ask.stage,
        reason=ask.reason,
        actor=world.actor,
        artifact=manifest(world, state, version).artifact,
        rollback=True,
    )
    event, follow = steps(world, ask, (state, head), assignment)
    if not dry_run:
        apply(world, [event, *follow])
    return Assigned(
        model=ask.model,
        stage=ask.stage,
        version=str(version),
        previous=str(holder),
        reason=ask.reason,
        tag=event.event.name(state),
        steps=tuple(map(str, [event, *follow])),
    )


def _target(state: ModelState, ask: Ask) -> Version:
    holder = state.holder(ask.stage)
    if holder is None:
        raise RegistryError(
            f"no version of {ask.model} holds the stage {ask.stage}",
            hint=f"there is nothing to roll back from: pennon history {ask.model}",
        )
    if ask.version:
        version = parse_version(ask.version)
        state.find(version)
        if version == holder:
            raise RegistryError(
                f"{ask.model}@{version} holds the stage {ask.stage} already",
                hint="name another version with --to",
            )
        return version
    before = next(previous_holders(state, ask.stage), None)
    if before is None:
        raise RegistryError(
            f"{holder} is the first {ask.stage} of {ask.model}: there is none before it",
            hint="name a registered version with --to",
        )
    return before
