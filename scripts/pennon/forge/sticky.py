"""The sticky comment: one report per key, edited in place, never overwritten by an older run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from pennon.errors import ForgeError
from pennon.forge.protocol import Comment, Forge
from pennon.forge.stamps import (
    Mark,
    carried,
    marked,
    marker,
    order_of,
    split_state,
    state_line,
)

LIMIT = 60_000
"""Code points. GitHub refuses more than 65,536 characters; the report drops sections before."""

_FOOTER = re.compile(r"<sub>.*</sub>")


class Action(StrEnum):
    """What became of a report."""

    CREATED = "created"
    UPDATED = "updated"
    RENEWED = "renewed"  # it said so already; it now names our run, so that no older one follows
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"  # a newer run has reported; ours was not written


class Sticky(msgspec.Struct, frozen=True, kw_only=True):
    """The comment that now stands, and what we did to it."""

    comment: int
    action: Action
    url: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `comment` is None where there is none yet; `drop` are duplicates to delete."""

    action: Action
    comment: int | None = None
    drop: tuple[int, ...] = ()


def upsert(
    forge: Forge,
    number: int,
    key: str,
    body: str,
    *,
    run: int,
    attempt: int,
    listed: Sequence[Comment] | None = None,
) -> Sticky:
    """Make the pull request show this report. Raises ForgeError for a body over LIMIT.

    `listed` are its comments where somebody has just read them.
    """
    text = complete(key, body, run=run, attempt=attempt)
    there = forge.comments(number) if listed is None else listed
    plan = decide(there, forge.login(), key, text)
    if plan.comment is not None:
        return _apply(forge, plan, there, text)
    made = forge.create_comment(number, text)
    # Two runs may have found nothing and both created: look again, as the author we turned out
    # to be (login() is a guess for a token that may not read its own name).
    found = list({comment.id: comment for comment in [*forge.comments(number), made]}.values())
    plan = decide(found, made.author, key, text)
    if plan.comment in {None, made.id}:
        plan = Plan(action=Action.CREATED, comment=made.id, drop=plan.drop)
    return _apply(forge, plan, found, text)


def mark(forge: Forge, listed: Sequence[Comment], key: str, begun: Mark) -> None:
    """Say above the report of this key that a newer run has begun, if an older one stands."""
    ours = standing(listed, forge.login(), key)
    if not ours or any(order_of(comment.body) >= begun.order for comment in ours):
        return
    text = marked(ours[0].body, begun)
    if text is not None:
        forge.update_comment(ours[0].id, text)


def standing(comments: Sequence[Comment], login: str, key: str) -> list[Comment]:
    """Those that are ours, oldest first: more than one only until somebody writes the next."""
    ours = (comment for comment in comments if _is_ours(comment, login, key))
    return sorted(ours, key=lambda comment: comment.id)


def decide(comments: Sequence[Comment], login: str, key: str, body: str) -> Plan:
    """Keep the oldest comment that is ours, unless a newer run has written. Pure."""
    order = order_of(body)
    ours = standing(comments, login, key)
    if not ours:
        return Plan(action=Action.CREATED)
    newer = [comment for comment in ours if order_of(comment.body) > order]
    if newer:
        # Older comments with a lower id stay: whoever wrote the newer one moves it there itself.
        late = (c.id for c in ours if c not in newer and c.id > newer[0].id)
        newest = max(newer, key=lambda comment: order_of(comment.body))
        return Plan(action=Action.SUPERSEDED, comment=newest.id, drop=tuple(late))
    same = _stable(ours[0].body) == _stable(carried(ours[0].body, body))
    known = Action.UNCHANGED if order_of(ours[0].body) == order else Action.RENEWED
    return Plan(
        action=known if same else Action.UPDATED,
        comment=ours[0].id,
        drop=tuple(comment.id for comment in ours[1:]),
    )


def complete(key: str, body: str, *, run: int, attempt: int) -> str:
    """The body with the marker first and a state line last that names this run."""
    first = marker(key)
    text = body if body.partition("\n")[0].rstrip() == first else f"{first}\n{body}"
    text, state = split_state(text)
    text = f"{text}\n{state_line(state | {'run': run, 'attempt': attempt})}"
    if len(text) > LIMIT:
        raise ForgeError(
            f"the report {key} has {len(text)} characters, a comment holds {LIMIT}",
            hint="leave whole sections out of the report",
        )
    return text


def _apply(forge: Forge, plan: Plan, listed: Sequence[Comment], text: str) -> Sticky:
    """`plan.comment` is one of those listed."""
    it = next(comment for comment in listed if comment.id == plan.comment)
    if plan.action in {Action.UPDATED, Action.RENEWED}:
        forge.update_comment(it.id, carried(it.body, text))
    for duplicate in plan.drop:
        forge.delete_comment(duplicate)
    return Sticky(comment=it.id, url=it.url, action=plan.action)


def _is_ours(comment: Comment, login: str, key: str) -> bool:
    """Marker, author and kind: GitHub reserves the suffix `[bot]` for apps, so it must be one."""
    first = comment.body.partition("\n")[0].rstrip()
    is_bot = login.endswith("[bot]")
    return first == marker(key) and comment.author == login and comment.is_bot == is_bot


def _stable(body: str) -> list[str]:
    """What a reader would miss: all lines but the footer (it holds times and links) and state."""
    text, _ = split_state(body)
    lines = [line.rstrip() for line in text.splitlines()]
    if lines and _FOOTER.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines).rstrip().splitlines()
