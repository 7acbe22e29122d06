"""The configuration of one repository as one value, checked against itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from pennon.config.dataset import Dataset
from pennon.config.gates import Gate, Gates
from pennon.config.parse import Problem, ProblemsError, document, read
from pennon.config.project import Model, Project
from pennon.errors import ConfigError

PROJECT = "pennon.yaml"
GATES = "gates.yaml"
PARAMS = "params.yaml"

ReadText = Callable[[str], str | None]
"""A path relative to the repository -> its text, or None where there is no such file."""


class Config(msgspec.Struct, frozen=True):
    """All of it. `params` is model -> hyperparameters; `texts` is what each file said."""

    project: Project
    gates: Gates
    params: Mapping[str, Mapping[str, Any]]
    datasets: Mapping[str, Dataset]
    texts: Mapping[str, str]

    def model(self, name: str) -> Model:
        try:
            return self.project.models[name]
        except KeyError:
            known = ", ".join(sorted(self.project.models))
            raise ConfigError(
                f"{PROJECT}: no model named {name!r}", hint=f"the models are: {known}"
            ) from None

    def dataset_of(self, model: str) -> Dataset:
        return self.datasets[self.model(model).dataset]


def load(read_text: ReadText) -> Config:
    """Read every file, then check what they say of each other. All problems in one ConfigError."""
    text = read_text(PROJECT)
    if text is None:
        raise ConfigError(
            f"no {PROJECT} here",
            hint="run pennon in a model repository, or make one: pennon new",
        )
    texts = {PROJECT: text}
    project = read(text, Project, PROJECT)
    problems: list[Problem] = []

    def part(file: str, kind: Any, default: Any) -> Any:  # noqa: ANN401
        content = read_text(file)
        if content is None:
            return default
        texts[file] = content
        try:
            return read(content, kind, file) if kind else document(content, file)
        except ProblemsError as error:
            problems.extend(error.problems)
            return default

    gates = part(GATES, Gates, Gates())
    params = part(PARAMS, dict[str, dict[str, Any]], {}) or {}
    datasets = {}
    for name in sorted({model.dataset for model in project.models.values()}):
        file = dataset_file(name)
        datasets[name] = part(file, Dataset, None)
        if datasets[name] is None and file not in texts:
            problems.append(Problem(file, "", "missing; a model in pennon.yaml names this dataset"))
    config = Config(project, gates, params, datasets, texts)
    problems.extend(_contradictions(config))
    if problems:
        raise ProblemsError(problems)
    return config


def dataset_file(name: str) -> str:
    return f"data/{name}.yaml"


def _contradictions(config: Config) -> Iterator[Problem]:
    """What one file says that another (or itself) denies."""
    for name, model in config.project.models.items():
        yield from _model(name, model, config)
    for name, dataset in config.datasets.items():
        if dataset is not None:
            yield from _dataset(dataset_file(name), dataset)
    yield from _environments(config.project)
    yield from _aliases(config.project)
    yield from _naming(config.project)
    for name in config.params:
        if name not in config.project.models:
            yield Problem(PARAMS, name, "no model of this name in pennon.yaml")
    asked = config.gates.approvals
    if asked.by and len(set(asked.by)) < asked.needed:
        what = f"{asked.needed} are needed, and only {len(set(asked.by))} may give one"
        yield Problem(GATES, "approvals", what)
    for i, gate in enumerate(config.gates.gates):
        yield from _gate(f"gates[{i}]", gate, config.project)


def _model(name: str, model: Model, config: Config) -> Iterator[Problem]:
    at = f"models.{name}"
    if (model.command is None) == (model.estimator is None):
        yield Problem(PROJECT, at, "needs exactly one of estimator, command")
    if model.command is not None and model.features is not None:
        yield Problem(PROJECT, f"{at}.features", "belongs to an estimator; a command gets the rows")
    dataset = config.datasets.get(model.dataset)
    if dataset is None:
        return
    columns = dataset.contract.columns
    named = {f"{at}.target": model.target}
    named |= {f"{at}.slices[{i}]": column for i, column in enumerate(model.slices)}
    named |= {f"{at}.sensitive[{i}]": column for i, column in enumerate(model.sensitive)}
    for path, column in named.items():
        if column not in columns:
            what = f"{column!r} is not a column of {dataset_file(model.dataset)}"
            yield Problem(PROJECT, path, what)


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
    for name in gate.models:
        if name not in project.models:
            yield Problem(GATES, f"{at}.models", f"unknown model {name!r}")
