"""What a record of a deployment means beside those before it. Pure, the same on every forge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from pennon.forge.protocol import Deployment, DeploymentState, NewDeployment


class Move(StrEnum):
    OPEN = "open"  # a deployment of its own
    ADVANCE = "advance"  # the next state of the newest deployment
    KEEP = "keep"  # already recorded


def move(newest: Deployment | None, new: NewDeployment) -> Move:
    """Where a record belongs, given the newest deployment of its model in its environment.

    Recording the same thing twice changes nothing. A try of the same assignment that is over
    is followed by a new one as soon as something is in progress again.
    """
    if newest is None or _subject(newest) != _subject(new):
        return Move.OPEN
    if (newest.state, newest.url, newest.why) == (new.state, new.url, new.why):
        return Move.KEEP
    starts = new.state is DeploymentState.IN_PROGRESS
    return Move.OPEN if starts and newest.state is not new.state else Move.ADVANCE


def standing(found: Iterable[tuple[str, Callable[[], Deployment]]]) -> list[Deployment]:
    """Newest first, of each model back to its newest success: what runs, and what was tried since.

    Each deployment comes as its model and a way to read it, because reading costs a request.
    """
    settled: set[str] = set()
    kept: list[Deployment] = []
    for model, read in found:
        if model in settled:
            continue
        kept.append(read())
        if kept[-1].state is DeploymentState.SUCCESS:
            settled.add(model)
    return kept


def _subject(it: NewDeployment) -> tuple[str, ...]:
    return (it.environment, it.model, it.version, it.commit, it.assignment, it.digest, it.image)
