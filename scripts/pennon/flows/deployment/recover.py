"""A deployment that failed becomes a rollback in the registry, where that is sure to help.

A target puts the version before back by itself; without an assignment the tags would still say
otherwise, and the next run would try the bad version again.
"""

from __future__ import annotations

from pennon.config import Config
from pennon.errors import PennonError, TargetError
from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.deploy import Deployed, deploy
from pennon.flows.deployment.healthy import places_of, way_back
from pennon.flows.deployment.hold import is_rollback
from pennon.flows.deployment.places import named
from pennon.flows.deployment.wanted import Wanted, ordered, placed, wanted
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.forge import DeploymentState
from pennon.targets import target

TRIES, BEAT = 12, 5.0
"""How often, after how many seconds, a place is asked that somebody else brings up to date."""


def deploy_or_roll_back(
    world: World, environment: str | None, model: str | None, *, image: str = ""
) -> list[Deployed]:
    """Deploy; where a version does not become healthy, give its stage back to the one before.

    Raises TargetError all the same, which says what became of the stage. It is not given back
    where the failed version came by a rollback itself, and where neither of the two versions
    answers: a place that is down is no reason to change the version.
    """
    try:
        return deploy(world, environment, model, image=image)
    except TargetError as error:
        raise _recovered(world, error, environment, model) from error


def _recovered(
    world: World, error: TargetError, environment: str | None, model: str | None
) -> TargetError:
    config = world.config()
    names = named(config.project.environments, environment)
    asked = (it for name in names for it in wanted(world, config, name, model))
    failed = next((it for it in asked if _is_about(world, it, error)), None)
    if failed is None:
        return error
    try:
        became = _given_back(world, config, failed, error)
    except PennonError as other:
        became = f"the stage was not given back: {other.what}"
    return TargetError(error.what, hint="; ".join(filter(None, (error.hint, became))))


def _is_about(world: World, it: Wanted, error: TargetError) -> bool:
    """Its deployment is on record as failed, with the words of this error.

    A forge may keep no more than the beginning of them.
    """
    known = world.forge.deployments(it.environment)
    newest = next((one for one in known if one.model == it.model), None)
    if newest is None or newest.assignment != it.event.oid:
        return False
    said, kept = " ".join(error.what.split()), " ".join(newest.why.removesuffix("…").split())
    return newest.state is DeploymentState.FAILURE and bool(kept) and said.startswith(kept)


def _given_back(world: World, config: Config, it: Wanted, error: TargetError) -> str:
    """What became of the stage, for people."""
    if is_rollback(it.event):
        return (
            f"{it} was rolled back to already and is not left again: see whether "
            f"{it.environment} itself works"
        )
    stage = it.place.stage
    way = way_back(world, it.state, stage, places_of(config, stage))
    if way.version is None:
        return f"{it} stays {stage}: no version before it is known to be healthy"
    answers = _answering(world, it)
    if answers not in (str(way.version), str(it.version)):
        said = f"answers as {answers}" if answers else "does not answer"
        return f"{it} stays {stage}: {it.environment} {said}, so {way.version} may not help"
    why = f"{it.version} did not become healthy in {it.environment}: {_first(error.what)}"
    ask = Ask(
        model=it.model,
        stage=stage,
        leaving=str(it.version),
        reason=why,
        then=Then.DISPATCH if world.runner.is_actions else Then.DEPLOY,
    )
    done = rollback(world, ask, automatic=True)
    return f"{done.version} is {stage} again ({done.tag})"


def _answering(world: World, it: Wanted) -> str:
    """The version that answers there now, if any does."""
    where, order, place = target(it.place.target), ordered(it), placed(world, it)
    for left in reversed(range(TRIES if where.RENDERS else 1)):
        if found := where.health(order, place):
            return found.version
        if left:
            world.sleep(BEAT)
    return ""


def _first(text: str) -> str:
    """A reason is a line; the whole of it is in the log, and begins with the place and version."""
    line = text.partition("\n")[0]
    return line.partition("did not become healthy: ")[2] or line
