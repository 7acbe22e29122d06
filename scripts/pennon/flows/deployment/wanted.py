"""What holds the stage of an environment: an order, where it goes, its record on the forge."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pennon.artifacts.served import Mode, Split
from pennon.config import Config, Environment
from pennon.config.rollout import Mode as Plan
from pennon.errors import RegistryError
from pennon.flows.deployment.places import address
from pennon.flows.versions.bundle import bundle
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.forge import DeploymentState, NewDeployment
from pennon.registry import Event, ModelState, Version, assignments, version
from pennon.registry.rollout import running
from pennon.targets import Asked, Order, Place, Rival, Stride, interpreter


class Wanted(msgspec.Struct, frozen=True):
    """A version that holds the stage of an environment, by the event that gave it."""

    environment: str
    place: Environment
    state: ModelState
    version: Version
    event: Event
    port: int
    rival: Rival | None = None  # who has a share of the traffic
    strides: tuple[Stride, ...] = ()  # by which the version gets it where a cluster splits it

    @property
    def model(self) -> str:
        return self.state.model

    def __str__(self) -> str:
        return f"{self.model}@{self.version}"


def wanted(world: World, config: Config, environment: str, model: str | None) -> Iterator[Wanted]:
    """Raises RegistryError where a model that is asked for by name has none."""
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
            rival, strides = _rival(config, environment, state), _strides(config, environment, name)
            yield Wanted(environment, place, state, event.version, event, port, rival, strides)
        elif model is not None:
            raise RegistryError(
                f"no version of {name} holds the stage {place.stage}, which {environment} runs",
                hint=f"pennon promote {name}",
            )
        else:
            world.say(f"{environment}: no version of {name} holds the stage {place.stage} yet")


def _rival(config: Config, environment: str, state: ModelState) -> Rival | None:
    """The challenger of a rollout that runs there."""
    plan = config.rollouts.models.get(state.model)
    if plan is None or plan.environment != environment:
        return None
    found = running(state, plan.stage, config.project.environments[environment].stage)
    if found is None:
        return None
    split = Split(
        mode=Mode.SHADOW if plan.mode is Plan.SHADOW else Mode.SPLIT,
        share=found.now.traffic.share,
        salt=plan.drawn(found.version),
        key=plan.key,
    )
    return Rival(version=found.version, split=split)


def _strides(config: Config, environment: str, model: str) -> tuple[Stride, ...]:
    """The steps of a canary that rollout.yaml plans there."""
    plan = config.rollouts.models.get(model)
    if plan is None or plan.environment != environment or plan.mode is not Plan.CANARY:
        return ()
    percents = (min(99, max(1, round(step.share * 100))) for step in plan.steps)
    return tuple(Stride(at, step.hours) for at, step in zip(percents, plan.steps, strict=True))


def ordered(it: Wanted, *, rival: Rival | None = None) -> Order:
    """What the environment shall run; which image is another question."""
    lineage = manifest(it.state, it.version)
    return Order(
        environment=it.environment,
        model=it.model,
        version=str(it.version),
        port=it.port,
        commit=lineage.commit,
        artifact=lineage.artifact,
        assignment=_asked(it.event),
        rival=rival,
        strides=it.strides,
    )


def placed(world: World, it: Wanted) -> Place:
    rival = version(it.rival.version) if it.rival else None
    return Place(
        settings=it.place.settings,
        url=address(it.place, it.model),
        folder=world.targets,
        bundle=lambda: bundle(world, it.state, it.version),
        rivals=(lambda: bundle(world, it.state, rival)) if rival else None,
        interpreter=lambda folder: interpreter(folder, world.targets / "environments"),
    )


def recorded(order: Order, state: DeploymentState) -> NewDeployment:
    return NewDeployment(
        environment=order.environment,
        model=order.model,
        version=order.version,
        commit=order.commit,
        assignment=order.assignment.id,
        digest=order.artifact,
        state=state,
        image=order.image,
    )


def _asked(event: Event) -> Asked:
    """A tag that GTO wrote says neither who nor why."""
    said = assignments([event]).get(event.oid)
    known = {"actor": said.actor, "reason": said.reason} if said else {}
    return Asked(tag=event.tag, id=event.oid, **known)
