"""Deployments on GitHub: what ran where, in the payload of deployments and their statuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from pennon.forge.github.records import (
    Payload,
    as_deployment,
    as_payload,
    cut,
    is_state,
    payload_of,
)
from pennon.forge.history import Move, move, standing
from pennon.forge.protocol import Deployment, NewDeployment

if TYPE_CHECKING:
    from github.Deployment import Deployment as TheirDeployment
    from github.DeploymentStatus import DeploymentStatus

    from pennon.forge.github.session import Session

LOOK_BACK = 300
"""Deployments of an environment that are looked through, newest first."""


@dataclass(frozen=True)
class Deployments:
    """Of one repository."""

    session: Session

    def standing(self, environment: str) -> list[Deployment]:
        def read() -> list[Deployment]:
            found = self._all(environment)
            return standing((ours.model, partial(self._read, it, ours)) for it, ours in found)

        return self.session.ask(f"read the deployments to {environment}", read)

    def of(self, environment: str, model: str, version: str) -> list[Deployment]:
        wanted = (model, version)

        def read() -> list[Deployment]:
            found = self._all(environment)
            of = ((it, ours) for it, ours in found if (ours.model, ours.version) == wanted)
            return [self._read(it, ours) for it, ours in of]

        return self.session.ask(f"read the deployments of {model}@{version}", read)

    def tries(self, environment: str, model: str) -> Iterator[Deployment]:
        doing = f"read the deployments of {model} to {environment}"
        found = self.session.ask(doing, lambda: list(self._all(environment)))
        of = ((it, ours) for it, ours in found if ours.model == model)
        return (self.session.ask(doing, partial(self._read, it, ours)) for it, ours in of)

    def record(self, deployment: NewDeployment) -> Deployment:
        new = msgspec.structs.replace(deployment, why=cut(deployment.why))
        doing = f"record {new.model}@{new.version} in {new.environment}"
        newest = self.session.ask(doing, partial(self._newest, new))
        known = self.session.ask(doing, partial(self._read, *newest)) if newest else None
        step = move(known, new)
        if known and step is Move.KEEP:
            return known
        if newest and step is Move.ADVANCE:
            it = newest[0]
        else:
            it = self.session.create(
                doing, partial(self._open, new), partial(self._opened, new, after=known)
            )
        status = self.session.create(
            doing, partial(self._advance, it, new), partial(self._advanced, it, new)
        )
        return as_deployment(it, payload_of(new), status)

    def _all(self, environment: str) -> Iterator[tuple[TheirDeployment, Payload]]:
        """Ours, newest first. A job that names an environment makes deployments as well."""
        found = self.session.repo.get_deployments(environment=environment)
        for it in islice(found, LOOK_BACK):
            if ours := as_payload(self.session.payload(it)):
                yield it, ours

    def _newest(self, new: NewDeployment) -> tuple[TheirDeployment, Payload] | None:
        found = self._all(new.environment)
        return next((pair for pair in found if pair[1].model == new.model), None)

    def _read(self, it: TheirDeployment, ours: Payload) -> Deployment:
        status = next((status for status in it.get_statuses() if is_state(status)), None)
        return as_deployment(it, ours, status)

    def _open(self, new: NewDeployment) -> TheirDeployment:
        return self.session.repo.create_deployment(
            new.commit,
            environment=new.environment,
            description=f"{new.model}@{new.version}",
            payload=dict(msgspec.to_builtins(payload_of(new))),
            # Else GitHub merges the default branch into the commit, or waits for its checks.
            auto_merge=False,
            required_contexts=[],
        )

    def _opened(self, new: NewDeployment, *, after: Deployment | None) -> TheirDeployment | None:
        newest = self._newest(new)
        if newest is None or newest[1] != payload_of(new):
            return None
        return newest[0] if after is None or newest[0].id > after.id else None

    def _advance(self, it: TheirDeployment, new: NewDeployment) -> DeploymentStatus:
        url = {"environment_url": new.url} if new.url else {}
        # Else GitHub calls the other models of the environment inactive.
        return it.create_status(new.state, description=new.why, auto_inactive=False, **url)

    def _advanced(self, it: TheirDeployment, new: NewDeployment) -> DeploymentStatus | None:
        status = next((status for status in it.get_statuses() if is_state(status)), None)
        reached = as_deployment(it, payload_of(new), status) if status else None
        return status if move(reached, new) is Move.KEEP else None
