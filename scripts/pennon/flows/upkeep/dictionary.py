"""docs/data.md: write it from the contracts, and tell when it is not what they say."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pennon.config import Config, Problem, ProblemsError
from pennon.flows.upkeep.written import Written
from pennon.flows.world import World
from pennon.report.dictionary import MARK, dictionary

PAGE = "docs/data.md"
_PAGE = Written(PAGE, MARK, "pennon data docs")
_MEND = "is not what data/*.yaml says; run: pennon data docs"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The file, the datasets in it, and whether it was another one before (or none)."""

    file: str
    datasets: tuple[str, ...]
    changed: bool


def write_page(world: World, *, dry_run: bool = False) -> Page:
    """Write docs/data.md. Raises ConfigError where somebody wrote one by hand."""
    config = world.config()
    changed = _PAGE.put(world, dictionary(config.datasets), dry_run=dry_run)
    return _page(config, changed=changed)


def check_page(world: World) -> Page:
    """The page, if it is there and what the contracts say. Raises ConfigError otherwise."""
    config = world.config()
    _PAGE.needed(world)
    problems = list(stale(world, config))
    if problems:
        raise ProblemsError(problems)
    return _page(config, changed=False)


def stale(world: World, config: Config) -> Iterator[Problem]:
    """Silent without a page, and of one that somebody wrote by hand."""
    old = _PAGE.there(world)
    if old is not None and old != dictionary(config.datasets):
        yield Problem(PAGE, "", _MEND)


def _page(config: Config, *, changed: bool) -> Page:
    return Page(file=PAGE, datasets=tuple(sorted(config.datasets)), changed=changed)
