"""The configuration of one repository as one value, checked against itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pennon.config.contradictions import contradictions
from pennon.config.dataset import Dataset
from pennon.config.gates import Gates
from pennon.config.parse import Problem, ProblemsError, document, read
from pennon.config.principles import PRINCIPLES, Principles
from pennon.config.project import Project
from pennon.config.rollout import ROLLOUT, Rollouts
from pennon.config.whole import GATES, PARAMS, PROJECT, Config, dataset_file
from pennon.errors import ConfigError

ReadText = Callable[[str], str | None]
"""A path relative to the repository -> its text, or None where there is no such file."""


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
    principles = part(PRINCIPLES, Principles, Principles())
    rollouts = part(ROLLOUT, Rollouts, Rollouts())
    datasets = {}
    for name in sorted({model.dataset for model in project.models.values()}):
        file = dataset_file(name)
        datasets[name] = part(file, Dataset, None)
        if datasets[name] is None and file not in texts:
            problems.append(Problem(file, "", "missing; a model in pennon.yaml names this dataset"))
    config = Config(project, gates, params, datasets, texts, principles, rollouts)
    problems.extend(contradictions(config))
    if problems:
        raise ProblemsError(problems)
    return config
