"""The sticky comment: one report per key, edited in place, never overwritten by an older run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from pennon.errors import ForgeError
from pennon.forge.protocol import Comment, Forge

LIMIT = 60_000
"""Code points. GitHub refuses more than 65,536 characters; the report drops sections before."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:=@+-]*")
_STATE = re.compile(r"<!-- pennon:state (\{.*\}) -->")
_FOOTER = re.compile(r"<sub>.*</sub>")

Order = tuple[int, int]
"""Run, then attempt: what is newer compares greater."""


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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `comment` is None where there is none yet; `drop` are duplicates to delete."""

    action: Action
    comment: int | None = None
    drop: tuple[int, ...] = ()


class _State(msgspec.Struct, frozen=True):
    run: int
    attempt: int


def marker(key: str) -> str:
    """The first line of every report of this key, such as `churn/review`."""
    if not _KEY.fullmatch(key):
        raise ForgeError(
            f"{key!r} cannot mark a comment",
            hint="a key is <model>/<verb>: letters, digits and _./:=@+-",
        )
    return f"<!-- pennon:report:v1 key={key} -->"


def upsert(forge: Forge, number: int, key: str, body: str, *, run: int, attempt: int) -> Sticky:
    """Make the pull request show this report. Raises ForgeError for a body over LIMIT."""
    text = complete(key, body, run=run, attempt=attempt)
    plan = decide(forge.comments(number), forge.login(), key, text)
    if plan.comment is not None:
        return _apply(forge, plan, plan.comment, text)
    made = forge.create_comment(number, text)
    # Two runs may have found nothing and both created: look again, as the author we turned out
    # to be (login() is a guess for a token that may not read its own name).
    listed = {comment.id: comment for comment in [*forge.comments(number), made]}
    plan = decide(list(listed.values()), made.author, key, text)
    if plan.comment in {None, made.id}:
        plan = Plan(action=Action.CREATED, drop=plan.drop)
    return _apply(forge, plan, plan.comment or made.id, text)


def decide(comments: Sequence[Comment], login: str, key: str, body: str) -> Plan:
    """Keep the oldest comment that is ours, unless a newer run has written. Pure."""
    order = order_of(body)
    ours = sorted(
        (comment for comment in comments if _is_ours(comment, login, key)),
        key=lambda comment: comment.id,
    )
    if not ours:
        return Plan(action=Action.CREATED)
    newer = [comment for comment in ours if order_of(comment.body) > order]
    if newer:
        # Older comments with a lower id stay: whoever wrote the newer one moves it there itself.
        late = (c.id for c in ours if c not in newer and c.id > newer[0].id)
        newest = max(newer, key=lambda comment: order_of(comment.body))
        return Plan(action=Action.SUPERSEDED, comment=newest.id, drop=tuple(late))
    same = _stable(ours[0].body) == _stable(body)
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
    text, state = _split_state(text)
    state |= {"run": run, "attempt": attempt}
    # `>` would end the HTML comment.
    facts = msgspec.json.encode(state).decode().replace("<", "\\u003c").replace(">", "\\u003e")
    text = f"{text}\n<!-- pennon:state {facts} -->"
    if len(text) > LIMIT:
        raise ForgeError(
            f"the report {key} has {len(text)} characters, a comment holds {LIMIT}",
            hint="leave whole sections out of the report",
        )
    return text


def order_of(body: str) -> Order:
    """The run and attempt that wrote a body; before all others where it does not say."""
    _, facts = _split_state(body)
    try:
        state = msgspec.convert(facts, _State)
    except msgspec.ValidationError:
        return (-1, -1)
    return (state.run, state.attempt)


def _apply(forge: Forge, plan: Plan, comment: int, text: str) -> Sticky:
    if plan.action in {Action.UPDATED, Action.RENEWED}:
        forge.update_comment(comment, text)
    for duplicate in plan.drop:
        forge.delete_comment(duplicate)
    return Sticky(comment=comment, action=plan.action)


def _is_ours(comment: Comment, login: str, key: str) -> bool:
    """Marker, author and kind: GitHub reserves the suffix `[bot]` for apps, so it must be one."""
    first = comment.body.partition("\n")[0].rstrip()
    is_bot = login.endswith("[bot]")
    return first == marker(key) and comment.author == login and comment.is_bot == is_bot


def _stable(body: str) -> list[str]:
    """What a reader would miss: all lines but the footer (it holds times and links) and state."""
    text, _ = _split_state(body)
    lines = [line.rstrip() for line in text.splitlines()]
    if lines and _FOOTER.fullmatch(lines[-1]):
        lines.pop()
    return "\n".join(lines).rstrip().splitlines()


def _split_state(body: str) -> tuple[str, dict[str, Any]]:
    """The text without its last line where that is a state, and the state."""
    text = body.rstrip()
    head, _, last = text.rpartition("\n")
    found = _STATE.fullmatch(last)
    if not found:
        return text, {}
    try:
        facts = msgspec.json.decode(found[1])
    except msgspec.DecodeError:
        return text, {}
    return head.rstrip(), facts if isinstance(facts, dict) else {}
