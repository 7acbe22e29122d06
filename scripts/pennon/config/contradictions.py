"""What one file of the configuration says, and another (or itself) denies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from pennon.config.dataset import Column, Dataset, Kind
from pennon.config.gates import Against, Gate, Gates
from pennon.config.parse import Problem
from pennon.config.project import (
    FEWEST_DRAWS,
    Approval,
    EngineRule,
    Environment,
    Model,
    Project,
    Task,
)
from pennon.config.traffic import impossible
from pennon.config.whole import GATES, PARAMS, PROJECT, Config, dataset_file


def contradictions(config: Config) -> Iterator[Problem]:
    """What one file says that another (or itself) denies."""
    for name, model in config.project.models.items():
        yield from _model(name, model, config)
    for name, dataset in config.datasets.items():
        if dataset is not None:
            yield from _dataset(dataset_file(name), dataset)
    yield from _environments(config.project)
    yield from _aliases(config.project)
    yield from _naming(config.project)
    yield from _strangers(config)
    asked = config.gates.approvals
    if asked.by and len(set(asked.by)) < asked.needed:
        what = f"{asked.needed} are needed, and only {len(set(asked.by))} may give one"
        yield Problem(GATES, "approvals", what)
    for i, gate in enumerate(config.gates.gates):
        yield from _gate(f"gates[{i}]", gate, config.project)
    yield from impossible(config)


def _strangers(config: Config) -> Iterator[Problem]:
    for name in config.params:
        if name not in config.project.models:
            yield Problem(PARAMS, name, "no model of this name in pennon.yaml")
    for name in config.project.compute:
        if name not in config.project.models:
            yield Problem(PROJECT, f"compute.{name}", "no model of this name")


def _model(name: str, model: Model, config: Config) -> Iterator[Problem]:
    at = f"models.{name}"
    if (model.command is None) == (model.estimator is None):
        yield Problem(PROJECT, at, "needs exactly one of estimator, command")
    if 0 < model.draws < FEWEST_DRAWS:
        yield Problem(PROJECT, f"{at}.draws", f"fewer than {FEWEST_DRAWS} say nothing")
    if model.command is not None and model.features is not None:
        yield Problem(PROJECT, f"{at}.features", "belongs to an estimator; a command gets the rows")
    if model.command is not None and model.engine != EngineRule():
        yield Problem(PROJECT, f"{at}.engine", "belongs to an estimator; a command predicts itself")
    dataset = config.datasets.get(model.dataset)
    if dataset is None:
        return
    columns = dataset.contract.columns
    named = {f"{at}.target": model.target}
    named |= {f"{at}.slices[{i}]": it.column for i, it in enumerate(model.cuts) if it.column}
    named |= {f"{at}.sensitive[{i}]": column for i, column in enumerate(model.sensitive)}
    for path, column in named.items():
        if column not in columns:
            what = f"{column!r} is not a column of {dataset_file(model.dataset)}"
            yield Problem(PROJECT, path, what)
    yield from _cuts(at, model, columns)
    yield from _costs(name, model, config.gates)


def _cuts(at: str, model: Model, columns: Mapping[str, Column]) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, it in enumerate(model.cuts):
        path = f"{at}.slices[{i}]"
        if (it.column is None) == (it.function is None):
            yield Problem(PROJECT, path, "needs exactly one of column, function")
        if it.bins and (it.column is None or any(a >= b for a, b in pairwise(it.bins))):
            yield Problem(PROJECT, f"{path}.bins", "are rising limits of a column")
        column = columns.get(it.column or "")
        if it.bins and column and column.type not in {Kind.INTEGER, Kind.NUMBER}:
            yield Problem(PROJECT, f"{path}.bins", f"{it.column!r} holds no numbers")
        if it.name in seen:
            yield Problem(PROJECT, f"{path}.name", f"there is a slice {it.name!r} already")
        seen.add(it.name)


def _costs(name: str, model: Model, gates: Gates) -> Iterator[Problem]:
    at, costs = f"models.{name}.costs", model.costs
    asked = {model.metric, *model.metrics, *(gate.metric for gate in gates.of(name))}
    if costs is None:
        if "cost" in asked:
            yield Problem(PROJECT, at, "missing; the metric `cost` needs it")
        return
    kinds = (costs.true_positive, costs.false_positive, costs.true_negative, costs.false_negative)
    if any(kinds) == (costs.function is not None):
        yield Problem(PROJECT, at, "needs either costs of answers, or a function")
    if any(kinds) and model.task is Task.REGRESSION:
        yield Problem(PROJECT, at, "a regression has no right and wrong answers: name a function")


def _dataset(file: str, dataset: Dataset) -> Iterator[Problem]:
    for i, column in enumerate(dataset.key):
        if column not in dataset.contract.columns:
            yield Problem(file, f"key[{i}]", f"{column!r} is not a column of the contract")
    if (dataset.holdout.share is None) == (dataset.holdout.after is None):
        yield Problem(file, "holdout", "needs exactly one of share, after")
    if dataset.group is not None and dataset.group not in dataset.contract.columns:
        yield Problem(file, "group", f"{dataset.group!r} is not a column of the contract")
    if dataset.group is not None and dataset.blocks is not None:
        yield Problem(file, "blocks", "is another way to say what belongs together than `group`")
    if dataset.blocks is not None and dataset.time is None:
        yield Problem(file, "blocks", "needs `time`, the column that it divides")
    if dataset.holdout.after is not None and dataset.time is None:
        yield Problem(file, "holdout.after", "needs `time`, the column that it compares with")


def _environments(project: Project) -> Iterator[Problem]:
    for name, environment in project.environments.items():
        at = f"environments.{name}"
        if environment.stage not in project.stages:
            yield Problem(PROJECT, f"{at}.stage", f"unknown stage {environment.stage!r}")
        if environment.after and environment.after not in project.environments:
            yield Problem(PROJECT, f"{at}.after", f"unknown environment {environment.after!r}")
        yield from _approval(at, environment)


def _approval(at: str, it: Environment) -> Iterator[Problem]:
    if (it.approval is Approval.REVIEWERS) != bool(it.reviewers):
        what = f"go with approval: {Approval.REVIEWERS}, and that with them"
        yield Problem(PROJECT, f"{at}.reviewers", what)
    most = 6  # GitHub's own
    if len(it.reviewers) > most:
        yield Problem(PROJECT, f"{at}.reviewers", f"are {most} at most; name a team")


def _aliases(project: Project) -> Iterator[Problem]:
    for alias, stage in project.aliases.items():
        if alias in project.stages:
            yield Problem(PROJECT, f"aliases.{alias}", "is a stage itself")
        if stage not in project.stages:
            yield Problem(PROJECT, f"aliases.{alias}", f"unknown stage {stage!r}")


def _naming(project: Project) -> Iterator[Problem]:
    naming = project.naming
    for key, pattern in (("models", naming.models), ("branches", naming.branches)):
        try:
            re.compile(pattern)
        except re.error as error:
            what = f"{pattern!r} is no regular expression: {error}"
            yield Problem(PROJECT, f"naming.{key}", what)
            return
    for name in project.models:
        if naming.models and not re.fullmatch(naming.models, name):
            what = f"does not match naming.models, {naming.models!r}"
            yield Problem(PROJECT, f"models.{name}", what)


def _gate(at: str, gate: Gate, project: Project) -> Iterator[Problem]:
    rules = (gate.min, gate.max, gate.superior, gate.not_worse)
    if sum(rule is not None for rule in rules) != 1:
        what = f"gate {gate.id!r} needs exactly one of min, max, superior, not_worse"
        yield Problem(GATES, at, what)
    if gate.draws:
        yield from _draws(at, gate, project)
    for name in gate.models:
        if name not in project.models:
            yield Problem(GATES, f"{at}.models", f"unknown model {name!r}")


def _draws(at: str, gate: Gate, project: Project) -> Iterator[Problem]:
    """Recipes are compared with the champion's, by what decides, on all rows of a draw."""
    if gate.against is not Against.CHAMPION or gate.slice is not None:
        yield Problem(GATES, at, "`draws` compares with the champion, on all rows together")
    for name in gate.models or project.models:
        model = project.models.get(name)
        if model and not model.draws:
            yield Problem(PROJECT, f"models.{name}.draws", f"missing; gate {gate.id!r} needs it")
        if model and gate.metric.removeprefix("neg_") != model.metric.removeprefix("neg_"):
            what = f"`draws` are scored by {model.metric}, which decides for {name}"
            yield Problem(GATES, f"{at}.metric", what)
