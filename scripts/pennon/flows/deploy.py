"""Make environments run what the registry says, in their order; nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pennon.config import Config, Environment
from pennon.errors import ConfigError, RegistryError, TargetError
from pennon.flows.bundle import bundle
from pennon.flows.release import manifest
from pennon.flows.steps import Record, apply
from pennon.flows.world import World
from pennon.forge import DeploymentState, NewDeployment
from pennon.registry import ModelState, Version
from pennon.targets import Desired, LocalTarget, Target, interpreter


class Deployed(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment runs now. `changed` is false where it ran that already."""

    environment: str
    model: str
    version: str
    url: str
    changed: bool


def deploy(
    world: World, environment: str | None, model: str | None, *, dry_run: bool = False
) -> list[Deployed]:
    """Reconcile one environment or all, one model or all.

    Raises TargetError where a version did not become healthy: the environment serves what it
    served before, and the environments behind it are left alone.
    """
    config = world.config()
    if environment is not None and environment not in config.project.environments:
        known = ", ".join(config.project.environments) or "none"
        raise ConfigError(
            f"pennon.yaml has no environment {environment!r}", hint=f"it has: {known}"
        )
    return [
        _one(world, config, name, wanted, dry_run=dry_run)
        for name in in_order(config.project.environments)
        if environment in (None, name)
        for wanted in _wanted(world, config, name, model)
    ]


def in_order(environments: dict[str, Environment]) -> list[str]:
    """Each environment after the one that it waits for. Raises ConfigError for a circle."""
    done: list[str] = []
    while len(done) < len(environments):
        ready = [
            name
            for name, environment in environments.items()
            if name not in done and (environment.after is None or environment.after in done)
        ]
        if not ready:
            circle = ", ".join(name for name in environments if name not in done)
            raise ConfigError(f"pennon.yaml: the environments {circle} wait for each other")
        done += ready
    return done


class _Wanted(msgspec.Struct, frozen=True):
    """A version that holds the stage of an environment."""

    state: ModelState
    version: Version
    assignment: str  # object id of the tag


def _wanted(world: World, config: Config, environment: str, model: str | None) -> Iterator[_Wanted]:
    if model is not None:
        config.model(model)
    stage = config.project.environments[environment].stage
    for name in config.project.models:
        if model not in (None, name):
            continue
        state = world.state(name)
        event = state.stages.get(stage)
        if event is not None and event.version is not None:
            yield _Wanted(state, event.version, event.oid)
        elif model is not None:
            raise RegistryError(
                f"no version of {name} holds the stage {stage}, which {environment} runs",
                hint=f"pennon promote {name}",
            )
        else:
            world.say(f"{environment}: no version of {name} holds the stage {stage} yet")


def _one(
    world: World, config: Config, environment: str, wanted: _Wanted, *, dry_run: bool
) -> Deployed:
    place = config.project.environments[environment]
    model, version = wanted.state.model, str(wanted.version)
    where = _target(world, place)
    _wait_for_turn(world, place, environment, wanted)
    running = where.current(environment, model)
    if dry_run or running == version:
        verb = "runs" if running == version else "would run"
        world.say(f"{environment} {verb} {model}@{version}")
        url = f"http://127.0.0.1:{place.port}"
        return Deployed(
            environment=environment, model=model, version=version, url=url, changed=False
        )
    record = _record(world, environment, wanted)
    apply(world, [Record(record)])
    folder = bundle(world, wanted.state, wanted.version)
    desired = Desired(
        environment=environment, model=model, version=version, bundle=folder, port=place.port
    )
    try:
        found = where.apply(desired)
    except TargetError as error:
        failed = msgspec.structs.replace(record, state=DeploymentState.FAILURE, why=error.what)
        apply(world, [Record(failed)])
        raise
    done = msgspec.structs.replace(record, state=DeploymentState.SUCCESS, url=found.url)
    apply(world, [Record(done)])
    return Deployed(
        environment=environment, model=model, version=version, url=found.url, changed=True
    )


def _wait_for_turn(world: World, place: Environment, environment: str, wanted: _Wanted) -> None:
    """An environment runs what the one before it runs in health, and nothing else."""
    if place.after is None:
        return
    known = world.forge.deployments(place.after)
    newest = next((it for it in known if it.model == wanted.state.model), None)
    healthy = newest is not None and newest.state is DeploymentState.SUCCESS
    if newest is None or not healthy or newest.version != str(wanted.version):
        raise TargetError(
            f"{environment} waits for {place.after}, which does not run "
            f"{wanted.state.model}@{wanted.version} in health",
            hint=f"pennon deploy {place.after}",
        )


def _record(world: World, environment: str, wanted: _Wanted) -> NewDeployment:
    lineage = manifest(world, wanted.state, wanted.version)
    return NewDeployment(
        environment=environment,
        model=wanted.state.model,
        version=str(wanted.version),
        commit=lineage.commit,
        assignment=wanted.assignment,
        digest=lineage.artifact,
        state=DeploymentState.IN_PROGRESS,
    )


def _target(world: World, place: Environment) -> Target:
    if place.target != "local":
        raise ConfigError(f"pennon.yaml: no target is called {place.target!r}", hint="known: local")
    return LocalTarget(
        world.targets, lambda folder: interpreter(folder, world.targets / "environments")
    )
