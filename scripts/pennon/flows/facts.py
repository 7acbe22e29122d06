"""What is known around a review before anything is measured: run, commits, changes, history."""

from __future__ import annotations

import msgspec

from pennon import __version__
from pennon.datasets.holdout import shared
from pennon.flows.changes import Point, changes, gate_changes
from pennon.flows.rows import FULL, SAMPLE, Rows
from pennon.flows.world import World
from pennon.registry import ModelState, registrations
from pennon.report import Answer, DataCheck, Facts, Past, Run
from pennon.report.numbers import count

MOST_VERSIONS = 8


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One model under review: this commit and the one it wants to change."""

    model: str
    data: str
    base: Point | None
    head: Point
    state: ModelState


def facts_of(world: World, it: Subject, rows: Rows | None = None) -> Facts:
    """What is known around the numbers."""
    commit, config = it.head
    pull = world.runner.event.pull
    return Facts(
        model=it.model,
        run=Run(
            id=world.runner.run,
            attempt=world.runner.attempt,
            url=world.runner.run_url,
            at=world.timestamp(),
            pennon=__version__,
        ),
        head=commit,
        base=it.base[0] if it.base else "",
        promotion=config.model(it.model).promotion,
        changes=changes(world.repo, it.base, it.head, it.model) if it.base else None,
        gate_changes=gate_changes(it.base[1], config, it.model) if it.base else (),
        checks=_checks(it, rows) if rows else (),
        history=_history(it, rows) if rows else (),
        outsider=pull is not None and pull.from_fork,
    )


def _checks(it: Subject, rows: Rows) -> tuple[DataCheck, ...]:
    """Rows that break contract or lock were refused before (flows/rows.py)."""
    contract = f"{count(rows.lock.rows)} rows keep it"
    found = [DataCheck(name="Contract", answer=Answer.PASS, what=contract)]
    if it.data in {SAMPLE, FULL}:
        what = "content and schema are those locked"
        found.append(DataCheck(name="Lock", answer=Answer.PASS, what=what))
    leaked = shared(rows.train, rows.holdout, it.head[1].dataset_of(it.model))
    answer = Answer.FAIL if leaked else Answer.PASS
    what = (
        f"{count(leaked)} sealed rows were trained on" if leaked else "no sealed row was trained on"
    )
    return (*found, DataCheck(name="Holdout", answer=answer, what=what))


def _history(it: Subject, rows: Rows) -> tuple[Past, ...]:
    """The decision metric of earlier versions, as it was measured then."""
    payloads = registrations(it.state.versions.values())
    metric = it.head[1].model(it.model).metric
    found = [
        Past(
            version=payload.version,
            value=payload.manifest.metrics[metric].value,
            same_holdout=payload.manifest.holdout == rows.holdout_digest,
        )
        for payload in payloads.values()
        if payload is not None and metric in payload.manifest.metrics
    ]
    return tuple(found[-MOST_VERSIONS:])
