"""What rollout.yaml says that other files, or itself, deny."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pennon.config.parse import Problem
from pennon.config.project import Model, Task
from pennon.config.rollout import ROLLOUT, Better, Goal, Measure, Mode, Rollout
from pennon.config.whole import PROJECT, Config

_TRUTH = {
    Measure.ACCURACY: Task.CLASSIFICATION,
    Measure.BRIER_SCORE: Task.CLASSIFICATION,
    Measure.MEAN_ABSOLUTE_ERROR: Task.REGRESSION,
    Measure.MEAN_SQUARED_ERROR: Task.REGRESSION,
}


def impossible(config: Config) -> Iterator[Problem]:
    """Each key that cannot be meant, with the reason."""
    for name, rollout in config.rollouts.models.items():
        at, model = f"models.{name}", config.project.models.get(name)
        if model is None:
            yield Problem(ROLLOUT, at, f"no model of this name in {PROJECT}")
            continue
        yield from _places(at, rollout, config)
        yield from _key(at, rollout, model, config)
        yield from _steps(f"{at}.steps", rollout)
        if rollout.goal:
            yield from _goal(f"{at}.goal", rollout.goal, rollout.mode, model)
        if not (rollout.goal or rollout.guards.errors or rollout.guards.slow):
            yield Problem(ROLLOUT, at, "needs a guard or a goal: nothing could ever be decided")
        if rollout.mode is Mode.AB and rollout.goal is None:
            yield Problem(ROLLOUT, f"{at}.goal", "missing; mode ab decides by it")


def _places(at: str, rollout: Rollout, config: Config) -> Iterator[Problem]:
    project = config.project
    environment = project.environments.get(rollout.environment)
    if environment is None:
        yield Problem(ROLLOUT, f"{at}.environment", f"unknown environment {rollout.environment!r}")
    elif environment.stage == rollout.stage:
        what = f"{rollout.stage!r} is what runs in {rollout.environment}: name the other one"
        yield Problem(ROLLOUT, f"{at}.stage", what)
    if rollout.stage not in project.stages:
        yield Problem(ROLLOUT, f"{at}.stage", f"unknown stage {rollout.stage!r}")


def _key(at: str, rollout: Rollout, model: Model, config: Config) -> Iterator[Problem]:
    """A request has the columns of the contract, less the target and what is excluded."""
    dataset = config.datasets.get(model.dataset)
    if not rollout.key or dataset is None:
        return
    if rollout.key not in set(dataset.contract.columns) - {model.target, *model.exclude}:
        what = f"{rollout.key!r} is no column of a request"
        yield Problem(ROLLOUT, f"{at}.key", what)


def _steps(at: str, rollout: Rollout) -> Iterator[Problem]:
    shares = [step.share for step in rollout.steps]
    if rollout.mode is not Mode.CANARY and len(shares) > 1:
        yield Problem(ROLLOUT, at, f"mode {rollout.mode} has one step")
    if any(a >= b for a, b in pairwise(shares)):
        yield Problem(ROLLOUT, at, "have to grow")
    for i, share in enumerate(shares):
        if share == 1 and rollout.mode is not Mode.SHADOW:
            what = "1 leaves the live version nothing to be compared by: stay below it"
            yield Problem(ROLLOUT, f"{at}[{i}].share", what)


def _goal(at: str, goal: Goal, mode: Mode, model: Model) -> Iterator[Problem]:
    low, high = goal.bounds
    if low >= high:
        yield Problem(ROLLOUT, f"{at}.bounds", "are the least value and a greater one")
    elif goal.smallest >= high - low:
        yield Problem(ROLLOUT, f"{at}.smallest", "is wider than the bounds")
    task = _TRUTH.get(goal.measure)
    if task is not None and task is not model.task:
        what = f"{goal.measure} is for {task}, and this is a {model.task}"
        yield Problem(ROLLOUT, f"{at}.measure", what)
    if goal.measure is Measure.OUTCOME and mode is Mode.SHADOW:
        what = "nobody acts on a shadow's answers: its outcome is that of the live version"
        yield Problem(ROLLOUT, f"{at}.measure", what)
    rising = goal.measure is Measure.ACCURACY
    if task is not None and rising != (goal.better is Better.HIGHER):
        wanted = Better.HIGHER if rising else Better.LOWER
        yield Problem(ROLLOUT, f"{at}.better", f"{goal.measure} is better when {wanted}")
