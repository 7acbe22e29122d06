"""Say under a pull request what was found: one comment for each model, or one for many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pennon.errors import PennonError
from pennon.flows.comments.standing import Board, board
from pennon.flows.steps import Announce, Comment, Gather, Step, apply
from pennon.flows.world import World
from pennon.forge import Mark
from pennon.report import ReviewView, Run
from pennon.report.index import (
    KEY,
    Index,
    Row,
    gate_changes,
    index,
    instead,
    ordered,
    row,
    unread_row,
)
from pennon.report.markdown import code

FEW = 3
"""Models that get a comment each; nobody reads more of them."""

TOGETHER = "is one of many models that this pull request changes: they share one comment"
APART = f"At most {FEW} models are changed now: each has a comment of its own"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A model's whole report (`text`), and what it shows; `refused` is why it shows nothing.

    One that is `quiet` says that nothing has changed: it only takes the place of another report.
    """

    model: str
    text: str
    view: ReviewView | None = None
    refused: str = ""
    quiet: bool = False


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The run that is told of, its commit, and the address where its whole reports are."""

    run: Run
    head: str
    reports: str
    outsider: bool = False


def key_of(model: str) -> str:
    return f"{model}/review"


def announce(world: World, pull: int, models: Sequence[str], mark: Mark) -> None:
    """Mark the reports that stand as those of an older commit. Nothing depends on it."""
    try:
        there = board(world, pull)
        keys = tuple(key for key in (*map(key_of, models), KEY) if there.body(key))
        if keys:
            apply(world, [Announce(pull, keys, there.comments, mark)])
    except PennonError as error:
        world.say(f"the reports that stand are not marked as older ones: {error.what}")


def tell(world: World, there: Board, parts: Sequence[Part], source: Source) -> None:
    """Bring the comments of a pull request up to date with a run that has ended."""
    if there.pull is None:
        return
    loud = [part for part in parts if not part.quiet]
    steps = _together if len(loud) > FEW else _apart
    apply(world, steps(there, parts, source))


def _apart(there: Board, parts: Sequence[Part], source: Source) -> Iterator[Step]:
    for part in parts:
        key = key_of(part.model)
        if not part.quiet or there.body(key):
            yield _comment(there, key, part.text, source)
    if there.body(KEY):
        text = instead(KEY, source.run, source.head, words=APART)
        yield _comment(there, KEY, text, source)


def _together(there: Board, parts: Sequence[Part], source: Source) -> Iterator[Step]:
    models = {key: part.model for part in parts if there.body(key := key_of(part.model))}

    def pointer(key: str, url: str) -> str:
        words = f"{code(models[key])} {TOGETHER}"
        return instead(key, source.run, source.head, words=words, url=url)

    yield Gather(_comment(there, KEY, overview(parts, source), source), tuple(models), pointer)


def _comment(there: Board, key: str, body: str, source: Source) -> Comment:
    assert there.pull is not None  # noqa: S101  `tell` asks before
    run = source.run
    return Comment(there.pull, key, body, run.id, run.attempt, listed=there.comments)


def summarize(world: World, parts: Sequence[Part], source: Source) -> None:
    """The step summary: whole reports, those in the way first; above many of them the overview."""
    loud = [part for part in parts if not part.quiet]
    if len(loud) <= FEW:
        world.runner.summary(*(part.text for part in parts))
        return
    order = [it.model for it in ordered(map(_row, loud))]
    texts = {part.model: part.text for part in loud}
    world.runner.summary(overview(parts, source), *(texts[model] for model in order))


def overview(parts: Sequence[Part], source: Source) -> str:
    """The comment for many models."""
    loud = [part for part in parts if not part.quiet]
    views = [part.view for part in loud if part.view is not None]
    return index(
        Index(
            run=source.run,
            head=source.head,
            rows=ordered(map(_row, loud)),
            reports=source.reports,
            unchanged=len(parts) - len(loud),
            confidence=next((view.confidence for view in views if view.deciding), 0.95),
            gate_changes=gate_changes(views),
            outsider=source.outsider,
        )
    )


def _row(part: Part) -> Row:
    return row(part.view) if part.view else unread_row(part.model, part.refused)
