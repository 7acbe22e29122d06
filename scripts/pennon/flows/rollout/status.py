"""Where a rollout stands, what its log says so far, and what that means."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from pennon.config import ROLLOUT, Config, Rollout
from pennon.errors import ConfigError
from pennon.evaluation.rollout import Decided, Decision, Progress, decide
from pennon.evaluation.sequential import probability
from pennon.flows.rollout.log import Database, Sides
from pennon.flows.rollout.measure import measure
from pennon.flows.world import World
from pennon.registry import ModelState
from pennon.registry.rollout import Running, running
from pennon.report import rollout as report
from pennon.report.rollout import Status


class Sources(NamedTuple):
    """Prediction logs (files and folders) and what became of it (CSV or JSON lines)."""

    logs: tuple[Path, ...] = ()
    outcomes: Path | None = None


class Known(NamedTuple):
    """What every verb reads first."""

    config: Config
    plan: Rollout
    live_stage: str
    state: ModelState
    running: Running | None

    @property
    def digest(self) -> str:
        return digest(self.plan)


def known(world: World, model: str, state: ModelState) -> Known:
    """Raises ConfigError where rollout.yaml says nothing of the model."""
    config = world.config()
    plan = plan_of(config, model)
    live_stage = config.project.environments[plan.environment].stage
    return Known(config, plan, live_stage, state, running(state, plan.stage, live_stage))


def plan_of(config: Config, model: str) -> Rollout:
    """Raises ConfigError where there is none."""
    config.model(model)
    plan = config.rollouts.models.get(model)
    if plan is None:
        raise ConfigError(
            f"{ROLLOUT} says nothing of {model}",
            hint="docs/rollout.md has an example for each mode",
        )
    return plan


def digest(plan: Rollout) -> str:
    """Of what decides: a rollout ends by the rules it began with."""
    return f"sha256:{sha256(msgspec.json.encode(plan, order='sorted')).hexdigest()}"


def status(world: World, model: str, sources: Sources) -> Status:
    """Raises ConfigError without a plan, DataError for a log that is not there."""
    return seen(world, known(world, model, world.state(model)), sources)


def seen(world: World, it: Known, sources: Sources) -> Status:
    """The same of what has been read already; in a workflow its summary has it, too."""
    found = _seen(world, it, sources)
    if world.runner.is_actions:
        world.runner.summary(report.status(found))
    return found


def _seen(world: World, it: Known, sources: Sources) -> Status:
    found = it.running
    if found is None:
        return _idle(it)
    if found.now.traffic.plan != it.digest:
        why = f"{ROLLOUT} was changed since this rollout began, and its numbers mean something else"
        return _status(it, found, Decided(decision=Decision.BROKEN, why=why))
    if not sources.logs:
        why = "no prediction log was named: nothing is known of the requests"
        return _status(it, found, Decided(decision=Decision.WAIT, why=why))
    return _measured(world, it, found, sources)


def _measured(world: World, it: Known, found: Running, sources: Sources) -> Status:
    model, now = it.state.model, world.seconds()
    with TemporaryDirectory(dir=_workshop(world)) as folder:
        database = Database(Path(folder))
        if sources.outcomes:
            database.add_outcomes(sources.outcomes)
        database.add_logs(model, Sides(it.plan, found), sources.logs)
        threshold = it.config.model(model).threshold
        measured = measure(database, it.plan, found, threshold=threshold, now=now)
        database.connection.close()
    progress = _progress(it.plan, found, now, (measured.requests, measured.arrived))
    decided = decide(it.plan, progress, measured.answers, measured.uneven)
    read = database.read
    noted = (
        (read.unreadable, "lines of the log cannot be read"),
        (read.misfits, "outcomes are no numbers"),
        (measured.clipped, "values lie outside of the goal's bounds, and count as the bound"),
    )
    return msgspec.structs.replace(
        _status(it, found, decided),
        hours=round(progress.hours, 3),
        requests=measured.requests,
        per_hour=progress.per_hour,
        answers=measured.answers,
        uneven=probability(measured.uneven),
        findings=tuple(f"{number:,} {what}" for number, what in noted if number),
    )


def _workshop(world: World) -> Path:
    world.workshop.mkdir(exist_ok=True)
    return world.workshop


def _progress(plan: Rollout, found: Running, now: float, requests: tuple[int, int]) -> Progress:
    """The rate is that of the time that counts: the first seconds of a step do not."""
    ours, arrived = requests
    hours = max(0.0, now - found.now.seconds) / 3600
    counted = hours - plan.settle / 3600
    return Progress(
        step=found.now.traffic.step,
        steps=len(plan.steps),
        share=found.now.traffic.share,
        requests=ours,
        hours=hours,
        days=(now - found.began) / 86400,
        per_hour=arrived / counted if counted > 0 else 0.0,
    )


def _status(it: Known, found: Running | None, decided: Decided) -> Status:
    state, plan = it.state, it.plan
    holder, live = state.holder(plan.stage), state.holder(it.live_stage)
    return Status(
        model=state.model,
        environment=plan.environment,
        mode=str(plan.mode),
        stage=plan.stage,
        version=str(holder) if holder else None,
        live=str(live) if live else None,
        step=found.now.traffic.step if found else 0,
        steps=len(plan.steps),
        share=found.now.traffic.share if found else 0.0,
        alpha=plan.alpha,
        decision=decided.decision,
        why=decided.why,
        units=decided.units,
        more_hours=decided.hours,
    )


def _idle(it: Known) -> Status:
    state, plan = it.state, it.plan
    holder, live = state.holder(plan.stage), state.holder(it.live_stage)
    if holder is None:
        why = f"no version is {plan.stage}: pennon promote {state.model} --stage {plan.stage}"
    elif live is None:
        why = f"no version is {it.live_stage}: there is nothing to compare with"
    elif holder == live:
        why = f"{live} is live, and still {plan.stage}: pennon rollout advance ends that"
    else:
        why = f"{holder} gets no traffic yet: pennon rollout advance {state.model} begins"
    return _status(it, None, Decided(decision=Decision.WAIT, why=why))
