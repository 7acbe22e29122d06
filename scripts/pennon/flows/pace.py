"""How fast changes reach people and how often they fail: the four measures of DORA. Pure.

https://dora.dev/guides/dora-metrics/: lead time, deployment frequency, change failure rate, time to
restore. Every moment is in seconds since the epoch; nothing is guessed where one is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

import msgspec

SKEW = 60.0
"""Seconds by which the clocks of forge, runner and whoever tags may differ."""
_WEEK = 7 * 24 * 3600.0

PHASES = (
    ("review", "opened", "merged"),
    ("registration", "merged", "registered"),
    ("promotion", "registered", "promoted"),
    ("deployment", "promoted", "deployed"),
    ("all of it", "opened", "deployed"),
)
"""A phase, and the two moments of a version between which it lies."""


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """The way of one version; None for what did not happen, or is not known."""

    version: str
    registered: float
    opened: float | None = None
    merged: float | None = None
    promoted: float | None = None
    deployed: float | None = None


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """An assignment to the stage that an environment runs."""

    oid: str
    at: float
    rollback: bool = False


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment that is over, for an assignment."""

    assignment: str
    at: float
    healthy: bool


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """How long something takes, in seconds; `known` is of how many that is known."""

    name: str
    known: int
    of: int
    median: float | None
    longest: float | None


class Deployments(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the changes in an environment. A rollback is no change, but what ends one.

    `failed` were never healthy at first, `rolled_back` were healthy and gave way to a rollback.
    `weekly` is missing where less than a week is looked at, `failure_rate` without a change.
    """

    environment: str
    changes: int
    failed: int
    rolled_back: int
    failure_rate: float | None
    weekly: float | None
    restored: Span


def spans(paths: Sequence[Path]) -> tuple[Span, ...]:
    """Each phase over all versions."""
    return tuple(
        _span(name, [_between(getattr(it, first), getattr(it, last)) for it in paths])
        for name, first, last in PHASES
    )


def deployments(
    environment: str,
    turns: Sequence[Turn],
    tries: Iterable[Try],
    *,
    since: float | None = None,
    until: float,
) -> Deployments:
    """Of those changes that were first tried at `since` or later. Turns come oldest first."""
    known = {turn.oid: i for i, turn in enumerate(turns)}
    found = [_after(it, turns[known[it.assignment]]) for it in tries if it.assignment in known]
    found.sort(key=lambda it: it.at)
    first: dict[str, Try] = {}
    for it in found:
        first.setdefault(it.assignment, it)
    begin = since if since is not None else min((it.at for it in first.values()), default=until)
    changes = [it for it in first.values() if _is_change(turns[known[it.assignment]], it, begin)]
    failed = [it for it in changes if not it.healthy]
    back = [it for it in changes if it.healthy and _gave_way(turns, known[it.assignment])]
    weeks = (until - begin) / _WEEK
    return Deployments(
        environment=environment,
        changes=len(changes),
        failed=len(failed),
        rolled_back=len(back),
        failure_rate=(len(failed) + len(back)) / len(changes) if changes else None,
        weekly=round(len(changes) / weeks, 2) if weeks >= 1 else None,
        restored=_restored(turns, found, begin),
    )


def _is_change(turn: Turn, first: Try, begin: float) -> bool:
    return not turn.rollback and first.at >= begin


def _gave_way(turns: Sequence[Turn], i: int) -> bool:
    return i + 1 < len(turns) and turns[i + 1].rollback


def _after(it: Try, turn: Turn) -> Try:
    """A tag is never older than the one before it, so its clock may be ahead of the forge's."""
    return msgspec.structs.replace(it, at=max(it.at, turn.at))


def _restored(turns: Iterable[Turn], tries: Iterable[Try], begin: float) -> Span:
    """From a failure, or the decision to go back, until something new is healthy there."""
    bad = [(turn.at, False) for turn in turns if turn.rollback]
    events = sorted([*bad, *((it.at, it.healthy) for it in tries)])
    took: list[float | None] = []
    since: float | None = None
    for at, healthy in events:
        if not healthy:
            since = at if since is None else since
        elif since is not None:
            took += [at - since] if since >= begin else []
            since = None
    if since is not None and since >= begin:
        took.append(None)  # not over
    return _span("time to restore", took)


def _between(first: float | None, last: float | None) -> float | None:
    """None, too, where they are the wrong way round: registered from a branch, merged later."""
    if first is None or last is None or last < first - SKEW:
        return None
    return max(0.0, last - first)


def _span(name: str, found: Sequence[float | None]) -> Span:
    took = [it for it in found if it is not None]
    return Span(
        name=name,
        known=len(took),
        of=len(found),
        median=median(took) if took else None,
        longest=max(took, default=None),
    )
