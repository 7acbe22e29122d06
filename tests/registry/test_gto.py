"""GTO is the oracle: each writes any sequence of events, both read it, and both must agree."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gto.api
import pytest
from dulwich.porcelain import tag_create
from gto.exceptions import GTOException
from hypothesis import given

from pennon.git import Repo
from pennon.registry import Assignment, EventKind, Registration, Retirement, Version, read_remote
from pennon.registry.payload import Payload
from pennon.registry.write import NewEvent, append
from registry.oracle import (
    FIRST_TAG,
    Move,
    Written,
    by_gto,
    by_pennon,
    commits,
    moves,
    repository,
    sequences,
    tags,
    write,
)
from worlds import manifest, run_git


@sequences(80)
@given(tags())
def test_any_tags_made_by_hand_mean_the_same_to_both(wanted: list[Written]) -> None:
    with repository() as folder:
        write(folder, wanted)
        assert by_pennon(folder) == by_gto(folder)


@sequences(20)
@given(moves(most=8))
def test_what_gto_writes_means_the_same_to_both(wanted: list[Move]) -> None:
    with repository() as folder, pytest.MonkeyPatch.context() as patch:
        ids = commits(folder)
        clock = FIRST_TAG
        for move in wanted:
            clock += move.wait
            set_clock(patch, clock)
            gto_writes(folder, move, ids[move.commit])
        assert by_pennon(folder) == by_gto(folder)


def set_clock(patch: pytest.MonkeyPatch, seconds: int) -> None:
    """GTO's events need different seconds, and nobody waits for them."""
    patch.setenv("GIT_COMMITTER_DATE", f"{seconds} +0000")  # it then leaves pygit2 for dulwich
    module = sys.modules[tag_create.__module__]
    patch.setattr(module, "time", SimpleNamespace(time=lambda: seconds))


def gto_writes(folder: Path, move: Move, commit: str) -> None:
    """Through its public functions; what it refuses is not written."""
    name, simple = move.model, not move.numbered
    with contextlib.suppress(GTOException):
        match move.kind:
            case EventKind.REGISTER:
                gto.api.register(folder, name, commit, version=move.version, simple=simple)
            case EventKind.RETIRE:
                gto.api.deregister(folder, name, version=move.version, simple=simple)
            case EventKind.ASSIGN:
                gto.api.assign(folder, name, move.stage, version=move.version, simple=simple)
            case EventKind.UNASSIGN:
                gto.api.unassign(
                    folder, name, stage=move.stage, version=move.version, simple=simple
                )
            case EventKind.RETIRE_MODEL:
                gto.api.deprecate(folder, name, simple=simple)


@sequences(8)
@given(moves(most=6))
def test_what_pennon_writes_means_the_same_to_both(wanted: list[Move]) -> None:
    with repository() as origin, repository() as work:
        run_git(work, "remote", "add", "origin", str(origin))
        ids = commits(work)
        clock = FIRST_TAG
        for move in wanted:
            clock += move.wait
            pennon_writes(Repo(work), move, ids[move.commit], clock)
        assert by_pennon(origin) == by_pennon(work) == by_gto(work)


def pennon_writes(repo: Repo, move: Move, commit: str, now: int) -> None:
    """Through the door; only what a flow would write: it names versions that there are."""
    state, head = read_remote(repo, move.model)
    version = Version(move.version)
    registered = version in {event.version for event in state.events}
    if (move.kind is EventKind.REGISTER) == registered or (
        move.kind is not EventKind.REGISTER and version not in state.versions
    ):
        return
    event = NewEvent(
        kind=move.kind,
        model=move.model,
        version=version,
        stage=move.stage if move.kind in (EventKind.ASSIGN, EventKind.UNASSIGN) else "",
        commit=commit,
        payload=payload(move, commit),
    )
    append(repo, state, head, event, now=lambda: now)


def payload(move: Move, commit: str) -> Payload:
    facts: dict[str, Any] = {"version": move.version, "reason": "because", "actor": "ada"}
    match move.kind:
        case EventKind.REGISTER:
            lineage = manifest(commit, model=move.model)
            return Registration(version=move.version, manifest=lineage)
        case EventKind.ASSIGN:
            return Assignment(stage=move.stage, **facts)
        case EventKind.UNASSIGN:
            return Retirement(stage=move.stage, **facts)
        case EventKind.RETIRE:
            return Retirement(**facts)
        case EventKind.RETIRE_MODEL:
            return Retirement(**facts | {"version": ""})
