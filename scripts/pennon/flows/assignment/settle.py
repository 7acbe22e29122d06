"""Deciding again when somebody else wrote first: at once, then after ever longer random waits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from secrets import SystemRandom
from typing import TypeVar

from pennon.errors import ConflictError
from pennon.flows.world import World

PATIENCE = 300.0
"""Seconds after which nobody tries again."""
LONGEST = 30.0
"""Seconds of the longest wait."""

T = TypeVar("T")


def until_settled(world: World, once: Callable[[], T]) -> T:
    """Read, decide and write; if somebody wrote in between, all of it again on the new state.

    Raises ConflictError where others still write after PATIENCE.
    """
    start = world.seconds()
    for tries in count(1):
        began = world.seconds()
        try:
            return once()
        except ConflictError as error:
            now = world.seconds()
            if now - start > PATIENCE:
                raise _tired(error, tries, now - start) from None
        world.say("somebody wrote to the registry first; deciding again on the new state")
        world.sleep(pause(tries, now - began, SystemRandom().random()))
    raise AssertionError("count never ends")


def pause(conflicts: int, took: float, chance: float) -> float:
    """How long to wait after so many conflicts, the last of which `took` seconds.

    Full jitter in a window that doubles: as many writers as there are spread out by themselves,
    on a slow network as on a fast disk. One who met a single other writer does not wait.
    """
    window = took * 2 ** min(conflicts - 1, 16) if conflicts > 1 else 0.0
    return chance * min(window, LONGEST)


def _tired(error: ConflictError, tries: int, seconds: float) -> ConflictError:
    return ConflictError(
        f"{error.what}; others were faster in all of {tries} tries in {seconds:.0f} s",
        hint="nothing was written: run the command again when fewer write to this model, or look "
        "for a lock file that a crash left on the remote",
    )
