"""dora: lead times, deployments and failures of a model, from tags, pull requests, deployments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import msgspec

from pennon.config import Config, Environment
from pennon.flows.pace import Deployments, Path, Span, Try, Turn, deployments, spans
from pennon.flows.world import World
from pennon.forge import Deployment, DeploymentState
from pennon.registry import Event, EventKind, ModelState, assignments


class Dora(msgspec.Struct, frozen=True, kw_only=True):
    """Of one model. `deployments` is null where the forge was not asked or nothing is deployed.

    `unknown` says what is not known, and why.
    """

    model: str
    since: str
    until: str
    stage: str
    versions: int
    lead_times: tuple[Span, ...]
    deployments: Deployments | None
    unknown: tuple[str, ...]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """No model: every model of pennon.yaml. `since` a day: nothing that began before it counts."""

    model: str = ""
    since: date | None = None
    forge: bool = True


def dora(world: World, ask: Ask) -> list[Dora]:
    """Each model by itself. Raises ConfigError for one that pennon.yaml has not, ForgeError."""
    config = world.config()
    names = (ask.model,) if ask.model else tuple(config.project.models)
    for name in names:
        config.model(name)
    return [_Model(world, config, name, ask).told() for name in names]


class _Model:
    """What tags and forge have of one model."""

    def __init__(self, world: World, config: Config, model: str, ask: Ask) -> None:
        self._world, self._ask = world, ask
        self._state: ModelState = world.state(model)
        self._environment = _last(config.project.environments)
        last = config.project.environments.get(self._environment)
        self._stage = last.stage if last else "champion"
        self._tries = self._asked() if ask.forge and self._environment else []

    def told(self) -> Dora:
        since, until = self._since, self._world.seconds()
        paths = [self._path(it) for it in self._made if since is None or it.seconds >= since]
        asked = self._ask.forge and self._environment
        tries = [_try(it) for it in self._tries if it.state is not DeploymentState.IN_PROGRESS]
        return Dora(
            model=self._state.model,
            since=self._ask.since.isoformat() if self._ask.since else "",
            until=self._world.timestamp(),
            stage=self._stage,
            versions=len(paths),
            lead_times=spans(paths),
            deployments=deployments(self._environment, self._turns, tries, since=since, until=until)
            if asked
            else None,
            unknown=tuple(self._unknown(paths)),
        )

    @property
    def _since(self) -> float | None:
        day = self._ask.since
        return datetime.combine(day, time(), UTC).timestamp() if day else None

    @property
    def _made(self) -> list[Event]:
        """Every registration there ever was: a retired version was on its way, too."""
        return [it for it in self._state.events if it.name.kind is EventKind.REGISTER]

    @property
    def _turns(self) -> list[Turn]:
        events = self._state.assignments(self._stage)
        payloads = assignments(events)
        backs = {oid for oid, payload in payloads.items() if payload and payload.rollback}
        return [Turn(oid=it.oid, at=it.seconds, rollback=it.oid in backs) for it in events]

    def _asked(self) -> list[Deployment]:
        return list(self._world.forge.tries(self._environment, self._state.model))

    def _path(self, made: Event) -> Path:
        pull = self._world.forge.merged(made.commit) if self._ask.forge else None
        given = (it for it in self._state.assignments(self._stage) if it.version == made.version)
        healthy = (it for it in self._tries if it.version == str(made.version) and _try(it).healthy)
        promoted = next(given, None)
        return Path(
            version=str(made.version),
            opened=_moment(pull.opened) if pull else None,
            merged=_moment(pull.at) if pull else None,
            registered=made.seconds,
            promoted=promoted.seconds if promoted else None,
            deployed=min((_try(it).at for it in healthy), default=None),
        )

    def _unknown(self, paths: list[Path]) -> Iterator[str]:
        if not self._ask.forge:
            yield "pull requests and deployments: the forge was not asked"
            return
        if not self._environment:
            yield "deployments: pennon.yaml has no environment"
        if alone := [it.version for it in paths if it.merged is None]:
            yield f"the pull requests of {', '.join(alone)}: none brought their commits"


def _last(environments: dict[str, Environment]) -> str:
    """Where a change has arrived: of those that nobody waits for, the last one."""
    waited = {it.after for it in environments.values()}
    return next((name for name in reversed(environments) if name not in waited), "")


def _try(it: Deployment) -> Try:
    healthy = it.state is DeploymentState.SUCCESS
    return Try(assignment=it.assignment, at=_moment(it.at) or 0.0, healthy=healthy)


def _moment(text: str) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
