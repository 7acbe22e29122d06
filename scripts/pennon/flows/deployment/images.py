"""Which image an environment runs: the same one, by its digest, in every environment."""

from __future__ import annotations

import msgspec

from pennon.config import Environment
from pennon.errors import TargetError
from pennon.flows.deployment.places import is_alone
from pennon.flows.world import World
from pennon.forge import Deployment, DeploymentState
from pennon.targets.image import digest_of, is_pinned, is_reference


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for an image. `asked` is that of the command; `carried`: this run's, by place."""

    environment: str
    model: str
    version: str
    asked: str = ""
    carried: dict[tuple[str, str], str] = {}

    def __str__(self) -> str:
        return f"{self.environment}: {self.model}@{self.version}"


def chosen(world: World, wish: Wish, environments: dict[str, Environment]) -> str:
    """Raises TargetError where there is none, where it may move, and where it is another one.

    An environment that waits for another runs what that one runs. Elsewhere: the command's, else
    what this version ran there before (a rollback brings that back), else the settings'.
    """
    place = environments[wish.environment]
    named = wish.asked or str(place.settings.get("image") or "")
    if place.after:
        found = _awaited(world, wish, place.after, named)
    else:
        found = wish.asked or _recorded(world, wish, wish.environment) or named
    found = found or named
    if not found:
        raise TargetError(
            f"{wish} has no image",
            hint="pennon package makes one; then: pennon deploy --image REPOSITORY@sha256:DIGEST",
        )
    if not is_reference(found):
        raise TargetError(f"{wish}: {found!r} is no reference to an image", hint=_FORM)
    if not is_pinned(found) and not is_alone(wish.environment, environments):
        raise TargetError(f"{wish}: {found} is a tag, which may move", hint=_FORM)
    return found


_FORM = "name it by its digest: REPOSITORY@sha256:DIGEST, as docker push prints it"


def _awaited(world: World, wish: Wish, after: str, named: str) -> str:
    """The one that runs before, perhaps under its name in another registry."""
    there = wish.carried.get((after, wish.model)) or _recorded(world, wish, after)
    if not there or not named or named == there:
        return there
    if digest_of(named) and digest_of(named) == digest_of(there):
        return named
    raise TargetError(
        f"{wish} runs the image that {after} runs, {there}, and {named} is another one",
        hint=f"deploy it to {after} first: pennon deploy {after} --image {named}",
    )


def _recorded(world: World, wish: Wish, environment: str) -> str:
    found = world.forge.deployments_of(environment, wish.model, wish.version)
    return next((it.image for it in found if _ran(it)), "")


def _ran(it: Deployment) -> bool:
    return it.state is DeploymentState.SUCCESS and bool(it.image)
