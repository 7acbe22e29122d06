"""What limits the data of a model repository: quality of columns, balance of targets, leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pennon.config import Config, Dataset, Model, Task, dataset_file
from pennon.datasets import Finding, breaches, differences, split
from pennon.datasets.quality import Quality, Quartiles, quality, quartiles
from pennon.evaluation.aspects import Probe
from pennon.flows.data import wanted
from pennon.flows.judgement.aspects import probes
from pennon.flows.judgement.rows import seen
from pennon.flows.world import World

if TYPE_CHECKING:
    import pandas as pd


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """The target in some rows: how many are positive, or in a regression its quartiles."""

    rows: int
    positive: int | None = None
    quartiles: Quartiles | None = None


class ModelProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What the data means for a model; `why` tells why something of it is not known or shown."""

    model: str
    task: Task
    target: str
    train: Balance | None = None
    holdout: Balance | None = None
    probes: tuple[Probe, ...] = ()
    why: str = ""

    @property
    def leaks(self) -> list[str]:
        """Each in a line: what kind, where, and what that means."""
        return [f"{it.name}: {leak.where} {leak.what}" for it in self.probes for leak in it.leaks]


class Profiled(msgspec.Struct, frozen=True, kw_only=True):
    dataset: str
    quality: Quality
    findings: tuple[Finding, ...]
    models: tuple[ModelProfile, ...]


def profiled(world: World, name: str | None) -> list[Profiled]:
    """Every dataset, broken or not: its findings are told, not raised.

    Raises DataError where the rows cannot be read or divided.
    """
    config = world.config()
    return [_profiled(world, config, each, it) for each, it in wanted(config, name)]


def _profiled(world: World, config: Config, name: str, dataset: Dataset) -> Profiled:
    frame, now = seen(world, dataset)
    broken = breaches(frame, dataset)
    changed = differences(dataset, now, dataset_file(name)) if dataset.lock else []
    models = [model for model, it in config.project.models.items() if it.dataset == name]
    return Profiled(
        dataset=name,
        quality=quality(frame, dataset, broken),
        findings=(*broken, *changed),
        models=tuple(_model(config, it, frame, broken=bool(broken)) for it in models),
    )


def _model(config: Config, name: str, frame: pd.DataFrame, *, broken: bool) -> ModelProfile:
    it, dataset = config.model(name), config.dataset_of(name)
    found = ModelProfile(model=name, task=it.task, target=it.target)
    why = "the data breaks its contract" if broken else _unfit(frame[it.target], it.target)
    if why:
        return msgspec.structs.replace(found, why=why)
    parts = split(frame, dataset)
    found = msgspec.structs.replace(found, probes=probes(config, name, parts).probes)
    if dataset.contract.columns[it.target].personal:
        return msgspec.structs.replace(found, why=f"{it.target} is personal")
    train, holdout = _balance(parts.train, it), _balance(parts.holdout, it)
    return msgspec.structs.replace(found, train=train, holdout=holdout)


def _unfit(target: pd.Series, name: str) -> str:
    """Why no model can learn it; empty where one can."""
    import pandas.api.types as kinds  # noqa: PLC0415  only where there are rows

    if not kinds.is_numeric_dtype(target):
        return f"the target {name} has no numbers"
    empty = int(target.isna().sum())
    return f"the target {name} is empty in {empty} rows" if empty else ""


def _balance(rows: pd.DataFrame, it: Model) -> Balance:
    target = rows[it.target]
    if it.task is Task.CLASSIFICATION:
        return Balance(rows=len(rows), positive=int((target > 0).sum()))
    return Balance(rows=len(rows), quartiles=quartiles(target))
