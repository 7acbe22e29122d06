"""Make environments run what the registry says, in their order; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from pennon.config import Config, Environment
from pennon.errors import ConfigError, PennonError, RegistryError, TargetError
from pennon.flows.bundle import bundle
from pennon.flows.release import manifest
from pennon.flows.steps import Record, apply
from pennon.flows.world import World
from pennon.forge import Deployment, DeploymentState, NewDeployment
from pennon.registry import ModelState, Version
from pennon.targets import Desired, LocalTarget, Running, Target, interpreter


class Deployed(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment runs now. `changed` is false where it ran that already.

    Of a dry run: what it would run, by which steps; `url` is empty where that is not known yet.
    """

    environment: str
    model: str
    version: str
    url: str
    changed: bool
    steps: tuple[str, ...] = ()


class _Wanted(msgspec.Struct, frozen=True):
    """A version that holds the stage of an environment."""

    environment: str
    place: Environment
    state: ModelState
    version: Version
    assignment: str  # object id of the tag
    port: int

    @property
    def model(self) -> str:
        return self.state.model

    def __str__(self) -> str:
        return f"{self.model}@{self.version}"


def deploy(
    world: World, environment: str | None, model: str | None, *, dry_run: bool = False
) -> list[Deployed]:
    """Reconcile one environment or all, one model or all.

    Raises TargetError where a version did not become healthy: the environment serves what it
    served before, and the environments behind it are left alone.
    """
    config = world.config()
    environments = config.project.environments
    if environment is not None and environment not in environments:
        known = ", ".join(environments) or "none"
        raise ConfigError(
            f"pennon.yaml has no environment {environment!r}", hint=f"it has: {known}"
        )
    names = [name for name in in_order(environments) if environment in (None, name)]
    targets = {name: _target(world, environments[name]) for name in names}
    done: list[Deployed] = []
    for name in names:
        for wanted in _wanted(world, config, name, model):
            settled = _settled(world, wanted, targets[name], dry_run=dry_run)
            if settled is None:
                _wait_for_turn(world, wanted, done)
                settled = _run(world, wanted, targets[name], dry_run=dry_run)
            done.append(settled)
    return done


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


def _wanted(world: World, config: Config, environment: str, model: str | None) -> Iterator[_Wanted]:
    if model is not None:
        config.model(model)
    place = config.project.environments[environment]
    # The first model answers on the environment's port, each other one on the next.
    for port, name in enumerate(config.project.models, place.port):
        if model not in (None, name):
            continue
        state = world.state(name)
        event = state.stages.get(place.stage)
        if event is not None and event.version is not None:
            yield _Wanted(environment, place, state, event.version, event.oid, port)
        elif model is not None:
            raise RegistryError(
                f"no version of {name} holds the stage {place.stage}, which {environment} runs",
                hint=f"pennon promote {name}",
            )
        else:
            world.say(f"{environment}: no version of {name} holds the stage {place.stage} yet")


def _settled(world: World, wanted: _Wanted, where: Target, *, dry_run: bool) -> Deployed | None:
    """Of an environment that runs what it should; None for any other.

    The record is brought up to date where it says something else: a run that was cut short never
    wrote it, and a failed version that was rolled back left its failure there.
    """
    found = where.current(wanted.environment, wanted.model, wanted.port)
    if found is None or found.version != str(wanted.version):
        return None
    world.say(f"{wanted.environment} runs {wanted} already")
    missing = []
    if not _in_health(_newest(world, wanted.environment, wanted.model), wanted):
        record = _record(wanted, DeploymentState.SUCCESS)
        missing.append(Record(msgspec.structs.replace(record, url=found.url)))
    if not dry_run:
        apply(world, missing)
    return _deployed(wanted, found, steps=missing)


def _wait_for_turn(world: World, wanted: _Wanted, done: list[Deployed]) -> None:
    """An environment runs what the one before it runs in health, and nothing else."""
    after = wanted.place.after
    if after is None:
        return
    subject = (after, wanted.model, str(wanted.version))
    if any((it.environment, it.model, it.version) == subject for it in done):
        return
    if not _in_health(_newest(world, after, wanted.model), wanted):
        raise TargetError(
            f"{wanted.environment} waits for {after}, which does not run {wanted} in health",
            hint=f"pennon deploy {after}",
        )


def _run(world: World, wanted: _Wanted, where: Target, *, dry_run: bool) -> Deployed:
    begun = _record(wanted, DeploymentState.IN_PROGRESS)
    done = msgspec.structs.replace(begun, state=DeploymentState.SUCCESS)
    running = f"run {wanted} in {wanted.environment}, ask it for its version and a prediction"
    steps = (Record(begun), running, Record(done))
    if dry_run:
        found = Running(version=str(wanted.version), url="", changed=True)
        return _deployed(wanted, found, steps=steps)
    apply(world, [Record(begun)])
    world.say(running)
    try:
        found = where.apply(_desired(world, wanted))
    except PennonError as error:
        failed = msgspec.structs.replace(begun, state=DeploymentState.FAILURE, why=error.what)
        apply(world, [Record(failed)])
        raise
    apply(world, [Record(msgspec.structs.replace(done, url=found.url))])
    return _deployed(wanted, found, steps=steps)


def _desired(world: World, wanted: _Wanted) -> Desired:
    return Desired(
        environment=wanted.environment,
        model=wanted.model,
        version=str(wanted.version),
        bundle=bundle(world, wanted.state, wanted.version),
        port=wanted.port,
    )


def _deployed(wanted: _Wanted, found: Running, *, steps: Sequence[Record | str]) -> Deployed:
    return Deployed(
        environment=wanted.environment,
        model=wanted.model,
        version=found.version,
        url=found.url,
        changed=found.changed,
        steps=tuple(map(str, steps)),
    )


def _newest(world: World, environment: str, model: str) -> Deployment | None:
    known = world.forge.deployments(environment)
    return next((it for it in known if it.model == model), None)


def _in_health(newest: Deployment | None, wanted: _Wanted) -> bool:
    return (
        newest is not None
        and newest.state is DeploymentState.SUCCESS
        and newest.version == str(wanted.version)
    )


def _record(wanted: _Wanted, state: DeploymentState) -> NewDeployment:
    lineage = manifest(wanted.state, wanted.version)
    return NewDeployment(
        environment=wanted.environment,
        model=wanted.model,
        version=str(wanted.version),
        commit=lineage.commit,
        assignment=wanted.assignment,
        digest=lineage.artifact,
        state=state,
    )


def _local(world: World) -> Target:
    return LocalTarget(
        world.targets, lambda folder: interpreter(folder, world.targets / "environments")
    )


TARGETS: dict[str, Callable[[World], Target]] = {"local": _local}
"""By the name that `target` of an environment says."""


def _target(world: World, place: Environment) -> Target:
    if place.target not in TARGETS:
        raise ConfigError(
            f"pennon.yaml: no target is called {place.target!r}",
            hint=f"known: {', '.join(TARGETS)}",
        )
    return TARGETS[place.target](world)
