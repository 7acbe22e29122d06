"""Our own comments on a pull request as they stand now, listed once for reading and writing."""

from __future__ import annotations

import msgspec

from pennon.flows.world import World
from pennon.forge import Comment, standing, unmarked


class Board(msgspec.Struct, frozen=True):
    """Of a pull request; without one there is nothing on it. `login` is who we are there."""

    pull: int | None = None
    comments: tuple[Comment, ...] = ()
    login: str = ""

    def body(self, key: str) -> str:
        """The report of ours that stands; empty where there is none."""
        found = standing(self.comments, self.login, key)
        return unmarked(found[0].body) if found else ""


def board(world: World, pull: int | None) -> Board:
    if pull is None:
        return Board()
    return Board(pull, tuple(world.forge.comments(pull)), world.forge.login())
