"""The dataset verbs: lock what is there, check it, write the sample that people look at."""

from __future__ import annotations

import msgspec

from pennon.config import Config, Dataset, Lock, dataset_file
from pennon.datasets import Finding, breaches, differences, sample, split, with_lock
from pennon.errors import ConfigError
from pennon.flows.judgement.rows import BrokenDataError, seen
from pennon.flows.world import World


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    dataset: str
    lock: Lock
    changed: bool


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    dataset: str
    rows: int
    findings: tuple[Finding, ...]


def lock(world: World, name: str | None, *, dry_run: bool = False) -> list[Locked]:
    """Write what is there into data/<name>.yaml. Raises BrokenDataError: no lock on broken data."""
    return [
        _lock(world, each, dataset, dry_run=dry_run)
        for each, dataset in wanted(world.config(), name)
    ]


def check(world: World, name: str | None) -> list[Checked]:
    """Every finding of every dataset; none is raised, so that all can be shown."""
    found = []
    for each, dataset in wanted(world.config(), name):
        frame, now = seen(world, dataset)
        findings = [*breaches(frame, dataset), *differences(dataset, now, dataset_file(each))]
        found.append(Checked(dataset=each, rows=len(frame), findings=tuple(findings)))
    return found


def write_sample(world: World, name: str | None, *, dry_run: bool = False) -> dict[str, int]:
    """Write data/sample/<name>.csv, the rows that a pull request trains on; file -> rows."""
    written = {}
    for each, dataset in wanted(world.config(), name):
        frame, _ = seen(world, dataset)
        rows = sample(split(frame, dataset).train, dataset)
        file = f"data/sample/{each}.csv"
        written[file] = len(rows)
        if not dry_run:
            (world.root / file).parent.mkdir(parents=True, exist_ok=True)
            rows.to_csv(world.root / file, index=False)
    return written


def wanted(config: Config, name: str | None) -> list[tuple[str, Dataset]]:
    """All datasets with their names, or the one that is named. Raises ConfigError: no such one."""
    if name is not None and name not in config.datasets:
        known = ", ".join(config.datasets)
        raise ConfigError(f"no model uses a dataset {name!r}", hint=f"the datasets are: {known}")
    return [(each, it) for each, it in config.datasets.items() if name in (None, each)]


def _lock(world: World, name: str, dataset: Dataset, *, dry_run: bool) -> Locked:
    frame, now = seen(world, dataset)
    findings = breaches(frame, dataset)
    if findings:
        raise BrokenDataError(name, findings)
    changed = now != dataset.lock
    if changed and not dry_run:
        file = world.root / dataset_file(name)
        half = file.with_suffix(".half")
        half.write_text(with_lock(file.read_text(encoding="utf-8"), now), encoding="utf-8")
        half.replace(file)
    return Locked(dataset=name, lock=now, changed=changed)
