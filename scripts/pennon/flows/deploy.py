"""Make environments run what the registry says, in their order; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from pennon.config import Config, Environment, ProblemsError
from pennon.errors import ConfigError, PennonError, TargetError
from pennon.flows.contract import is_asked, keep
from pennon.flows.deployment.desired import Plan, current, planned, written
from pennon.flows.deployment.hold import hold, is_rollback
from pennon.flows.deployment.images import Wish, chosen
from pennon.flows.deployment.places import named, renders, unsound
from pennon.flows.deployment.wanted import Wanted, ordered, placed, recorded, wanted
from pennon.flows.steps import Record, apply
from pennon.flows.world import World
from pennon.forge import Deployment, DeploymentState
from pennon.targets import Order, Place, Running, target


class Deployed(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment runs now. `changed` is false where it ran that already.

    Of a dry run: what it would run, by which steps; `url` is empty where that is not known yet.
    `why` says what is not known of it, `diff` what changes in the files that ask for it.
    """

    environment: str
    model: str
    version: str
    url: str
    changed: bool
    image: str = ""
    why: str = ""
    diff: str = ""
    steps: tuple[str, ...] = ()


@dataclass
class _Run:
    """One command. `asked` is the image that it was told to take."""

    world: World
    config: Config
    asked: str
    dry_run: bool
    done: list[Deployed] = field(default_factory=list)

    @property
    def images(self) -> dict[tuple[str, str], str]:
        return {(it.environment, it.model): it.image for it in self.done}


def deploy(
    world: World,
    environment: str | None,
    model: str | None,
    *,
    image: str = "",
    dry_run: bool = False,
) -> list[Deployed]:
    """Reconcile one environment or all, one model or all; `image` is for the first of them.

    Raises TargetError where a version did not become healthy: the environment serves what it
    served before, and the environments behind it are left alone.
    """
    config = world.config()
    environments = config.project.environments
    names = named(environments, environment)
    if problems := list(unsound(config)):
        raise ProblemsError(problems)
    _fits(image, [environments[name] for name in names], config, model)
    run = _Run(world, config, image, dry_run)
    for name in names:
        for it in wanted(world, config, name, model):
            run.done.append(_reconciled(run, it))
    return run.done


def _fits(image: str, places: list[Environment], config: Config, model: str | None) -> None:
    """An image is of one model, and for targets that run images."""
    if image and model is None and len(config.project.models) > 1:
        raise ConfigError("an image is of one model", hint="say which: --model MODEL")
    if image and not any(map(renders, places)):
        raise ConfigError("none of these environments runs an image", hint="leave out --image")


def _reconciled(run: _Run, it: Wanted) -> Deployed:
    where, place = target(it.place.target), placed(run.world, it)
    order = _with_image(run, it) if where.RENDERS else ordered(it, rival=it.rival)
    plan = planned(run.world, where, order, place) if where.RENDERS else None
    found = current(plan, where, place) if plan else where.health(order, place)
    if found and (found.version, found.rival) == (order.version, order.rival):
        return _settled(run, it, order, found)
    moves = found is None or found.version != order.version
    if moves and (why := hold(run.world, it)):
        return _held(run, order, found, f"{it} waits: {why}")
    _wait_for_turn(run, it)
    return _brought(run, it, plan or order, place)


def _with_image(run: _Run, it: Wanted) -> Order:
    wish = Wish(
        environment=it.environment,
        model=it.model,
        version=str(it.version),
        asked=run.asked,
        carried=run.images,
    )
    image = chosen(run.world, wish, run.config.project.environments)
    return msgspec.structs.replace(ordered(it), image=image)


def _held(run: _Run, order: Order, found: Running | None, why: str) -> Deployed:
    """It runs what it ran, and that is no failure."""
    run.world.say(f"{order.environment}: {why}")
    run.world.runner.annotate("warning", f"{order.environment}: {why}")
    version = found.version if found else ""
    still = Running(version=version, url="", changed=False, why=why)
    return _deployed(order, still, steps=())


def _settled(run: _Run, it: Wanted, order: Order, found: Running) -> Deployed:
    """Of an environment that runs what it should.

    The record is brought up to date where it says something else: a run that was cut short never
    wrote it, and a failed version that was rolled back left its failure there.
    """
    world = run.world
    world.say(f"{order.environment} runs {order.model}@{order.version} already")
    missing = []
    if not _in_health(_newest(world, order.environment, order.model), order):
        if not run.dry_run:
            _accepted(run, it, order, found)
        record = recorded(order, DeploymentState.SUCCESS)
        missing.append(Record(msgspec.structs.replace(record, url=found.url, why=found.why)))
    if not run.dry_run:
        apply(world, missing)
    return _deployed(order, found, steps=missing)


def _wait_for_turn(run: _Run, it: Wanted) -> None:
    """An environment runs what the one before it runs in health; a rollback waits for nobody."""
    after, order = it.place.after, ordered(it)
    if after is None or is_rollback(it.event):
        return
    subject = (after, order.model, order.version)
    if any((done.environment, done.model, done.version) == subject for done in run.done):
        return
    if not _in_health(_newest(run.world, after, order.model), order):
        raise TargetError(
            f"{it.environment} waits for {after}, which does not run {it} in health",
            hint=f"pennon deploy {after}",
        )


def _brought(run: _Run, it: Wanted, what: Plan | Order, place: Place) -> Deployed:
    """Run it where it does not run yet, with a record of how that began and ended."""
    world, order = run.world, what.order if isinstance(what, Plan) else what
    begun = recorded(order, DeploymentState.IN_PROGRESS)
    done = msgspec.structs.replace(begun, state=DeploymentState.SUCCESS)
    steps = (Record(begun), _sentence(it, what, place), Record(done))
    if run.dry_run:
        found = Running(version=order.version, url="", changed=True)
        shown = _deployed(order, found, steps=steps)
        return msgspec.structs.replace(shown, diff=what.diff if isinstance(what, Plan) else "")
    apply(world, [Record(begun)])
    world.say(str(steps[1]))
    try:
        found = _ran(world, it, order, place)
    except PennonError as error:
        _record_failure(world, order, error)
        raise
    _accepted(run, it, order, found)
    apply(world, [Record(msgspec.structs.replace(done, url=found.url, why=found.why))])
    return _deployed(order, found, steps=steps)


def _accepted(run: _Run, it: Wanted, order: Order, found: Running) -> None:
    """What answers keeps its contract, where that is asked; else it counts as failed.

    A rollback is asked for none: whatever is wrong with it, it is the way out.
    """
    asked = is_asked(it.environment, run.config.project.environments)
    if not asked or is_rollback(it.event):
        return
    try:
        keep(run.world, it, found.url)
    except PennonError as error:
        _record_failure(run.world, order, error)
        raise


def _record_failure(world: World, order: Order, error: PennonError) -> None:
    failed = recorded(order, DeploymentState.FAILURE)
    apply(world, [Record(msgspec.structs.replace(failed, why=error.what))])


def _sentence(it: Wanted, what: Plan | Order, place: Place) -> str:
    if isinstance(what, Order):
        return f"run {it} in {it.environment}, ask it for its version and a prediction"
    asks = f"ask {place.url} for its version" if place.url else "ask nobody: there is no url"
    return f"{what}, {asks}"


def _ran(world: World, it: Wanted, order: Order, place: Place) -> Running:
    where = target(it.place.target)
    if where.RENDERS:
        return written(world, where, order, place)
    found = where.apply(order, place)
    assert isinstance(found, Running)  # noqa: S101  it does not render
    return found


def _deployed(order: Order, found: Running, *, steps: Sequence[Record | str]) -> Deployed:
    return Deployed(
        environment=order.environment,
        model=order.model,
        version=found.version,
        url=found.url,
        changed=found.changed,
        image=order.image,
        why=found.why,
        steps=tuple(map(str, steps)),
    )


def _newest(world: World, environment: str, model: str) -> Deployment | None:
    known = world.forge.deployments(environment)
    return next((it for it in known if it.model == model), None)


def _in_health(newest: Deployment | None, order: Order) -> bool:
    return (
        newest is not None
        and newest.state is DeploymentState.SUCCESS
        and newest.version == order.version
    )
