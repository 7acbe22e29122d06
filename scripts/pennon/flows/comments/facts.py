"""What is known around a review before anything is measured: run, commits, changes, history."""

from __future__ import annotations

import msgspec

from pennon import __version__
from pennon.datasets.holdout import shared
from pennon.errors import PennonError
from pennon.flows.comments.past import history
from pennon.flows.judgement.rows import FULL, SAMPLE, Rows
from pennon.flows.versions.changes import Point, changes, gate_changes, recipe
from pennon.flows.world import World
from pennon.git import Repo
from pennon.registry import ModelState
from pennon.report import Answer, DataCheck, Facts, Run
from pennon.report.numbers import count


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One model under review: this commit and the one it wants to change."""

    model: str
    data: str
    base: Point | None
    head: Point
    state: ModelState


def base_of(world: World, number: int | None) -> Point | None:
    """Where the change began: its gates decide, and what differs from there is what changed.

    Of the event's pull request, else of the one with this number, else since the default branch.
    """
    pull = world.runner.event.pull
    if pull is not None:
        tip = pull.base
    elif number is not None:
        tip = world.forge.pull(number).base
    else:
        tip = f"{world.repo.remote}/{world.repo.default_branch()}"
    try:
        commit = world.repo.merge_base(world.repo.commit(tip), world.repo.head())
        return (commit, world.config_at(commit)) if commit else None
    except PennonError as error:
        world.say(f"nothing to compare the change with: {error.what}")
        return None


def same_recipe(repo: Repo, it: Subject) -> bool:
    """Does this change leave everything alone that a training of the model reads?"""
    if it.base is None or it.model not in it.base[1].project.models:
        return False
    (before, was), (after, now) = it.base, it.head
    if before == after:
        return False
    return recipe(repo, before, was, it.model) == recipe(repo, after, now, it.model)


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
        history=history(it.state, config.model(it.model).metric, rows.holdout_digest)
        if rows
        else (),
        outsider=pull is not None and pull.from_fork,
    )


def _checks(it: Subject, rows: Rows) -> tuple[DataCheck, ...]:
    """Rows that break contract or lock were refused before (flows/judgement/rows.py)."""
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
