"""The configuration of one repository as one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pennon.config.dataset import Dataset
from pennon.config.gates import Gates
from pennon.config.principles import Principles
from pennon.config.project import Model, Project
from pennon.config.rollout import Rollouts
from pennon.errors import ConfigError

PROJECT = "pennon.yaml"
GATES = "gates.yaml"
PARAMS = "params.yaml"


class Config(msgspec.Struct, frozen=True):
    """All of it. `params` is model -> hyperparameters; `texts` is what each file said."""

    project: Project
    gates: Gates
    params: Mapping[str, Mapping[str, Any]]
    datasets: Mapping[str, Dataset]
    texts: Mapping[str, str]
    principles: Principles = Principles()
    rollouts: Rollouts = Rollouts()

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


def dataset_file(name: str) -> str:
    return f"data/{name}.yaml"
