"""docs/data.md: write it from the contracts, and tell when it is not what they say."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pennon.config import Config, Problem, ProblemsError
from pennon.errors import ConfigError
from pennon.flows.world import World
from pennon.report.dictionary import MARK, dictionary

PAGE = "docs/data.md"
_MEND = "is not what data/*.yaml says; run: pennon data docs"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The file, the datasets in it, and whether it was another one before (or none)."""

    file: str
    datasets: tuple[str, ...]
    changed: bool


def write_page(world: World, *, dry_run: bool = False) -> Page:
    """Write docs/data.md. Raises ConfigError where somebody wrote one by hand."""
    config, old = world.config(), world.read_text(PAGE)
    if old is not None and not _is_ours(old):
        raise ConfigError(
            f"{PAGE} was not written by pennon", hint="move it away, then run: pennon data docs"
        )
    text = dictionary(config.datasets)
    if text != old and not dry_run:
        file = world.root / PAGE
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".half")
        half.write_text(text, encoding="utf-8", newline="\n")
        half.replace(file)
    return Page(file=PAGE, datasets=tuple(sorted(config.datasets)), changed=text != old)


def check_page(world: World) -> Page:
    """The page, if it is there and what the contracts say. Raises ConfigError otherwise."""
    config, old = world.config(), world.read_text(PAGE)
    if old is None:
        raise ProblemsError([Problem(PAGE, "", "is missing; run: pennon data docs")])
    if not _is_ours(old):
        raise ProblemsError([Problem(PAGE, "", "was not written by pennon: move it away")])
    problems = list(stale(world, config))
    if problems:
        raise ProblemsError(problems)
    return Page(file=PAGE, datasets=tuple(sorted(config.datasets)), changed=False)


def stale(world: World, config: Config) -> Iterator[Problem]:
    """Silent without a page, and of one that somebody wrote by hand."""
    old = world.read_text(PAGE)
    if old is not None and _is_ours(old) and old != dictionary(config.datasets):
        yield Problem(PAGE, "", _MEND)


def _is_ours(text: str) -> bool:
    return text.startswith(MARK)
