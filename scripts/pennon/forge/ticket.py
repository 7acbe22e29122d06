"""One open issue per key, kept up to date in place: the rules of the sticky comment, for issues."""

from __future__ import annotations

from collections.abc import Iterable

from pennon.forge.protocol import Comment, Forge, Issue
from pennon.forge.sticky import Action, Plan, Sticky, complete, decide, standing


def ticket(forge: Forge, key: str, title: str, body: str, *, order: int) -> Sticky:
    """Make the open issue of this key say so; open one where there is none.

    `order` rises with what is known: who knows less changes nothing. Of two that were opened at
    once the older one stays, and the other one is closed.
    """
    text = complete(key, body, run=order, attempt=0)
    there, login = forge.issues(), forge.login()
    plan = decide(_ours(there, login), login, key, text)
    if plan.comment is None:
        made = forge.create_issue(title, text, ("incident",))
        there = list({it.number: it for it in [*forge.issues(), made]}.values())
        plan = decide(_ours(there, login), login, key, text)
        if plan.comment in {None, made.number}:
            plan = Plan(action=Action.CREATED, comment=made.number, drop=plan.drop)
    return _apply(forge, plan, there, (title, text))


def opened(forge: Forge, key: str) -> Issue | None:
    """The open issue of this key, if somebody whose word counts has written it."""
    there, login = forge.issues(), forge.login()
    ours = standing(_ours(there, login), login, key)
    return next((it for it in there if ours and it.number == ours[0].id), None)


def _apply(forge: Forge, plan: Plan, there: Iterable[Issue], told: tuple[str, str]) -> Sticky:
    title, text = told
    it = next(issue for issue in there if issue.number == plan.comment)
    if plan.action in {Action.UPDATED, Action.RENEWED}:
        forge.update_issue(it.number, title=title, body=text)
    for duplicate in plan.drop:
        forge.close_issue(duplicate)
    return Sticky(comment=it.number, action=plan.action, url=it.url)


def _ours(there: Iterable[Issue], login: str) -> list[Comment]:
    """Whoever may write to the repository speaks for it: a person and a workflow share an issue."""
    return [
        Comment(id=it.number, body=it.body, author=login, is_bot=login.endswith("[bot]"))
        for it in there
        if it.is_insider or it.author == login
    ]
