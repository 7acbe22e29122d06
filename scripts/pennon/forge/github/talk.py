"""Issues on GitHub, and the comments below issues and pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pennon.forge.github.records import as_comment, as_issue
from pennon.forge.protocol import Comment, Issue

if TYPE_CHECKING:
    from pennon.forge.github.session import Session


@dataclass(frozen=True)
class Talk:
    """Of one repository."""

    session: Session

    def comments(self, number: int) -> list[Comment]:
        def read() -> list[Comment]:
            found = self.session.repo.get_issue(number).get_comments()
            return sorted(map(as_comment, found), key=lambda comment: comment.id)

        return self.session.ask(f"read the comments of #{number}", read)

    def comment(self, number: int, body: str) -> Comment:
        def send() -> Comment:
            return as_comment(self.session.repo.get_issue(number).create_comment(body))

        def find() -> Comment | None:
            ours = (it for it in self.comments(number) if it.author == self.session.login)
            return next((it for it in reversed(list(ours)) if _same(it.body, body)), None)

        return self.session.create(f"comment on #{number}", send, find)

    def change_comment(self, comment: int, body: str) -> Comment:
        def send() -> Comment:
            it = self.session.comment(comment)
            it.edit(body)
            return as_comment(it)

        return self.session.ask(f"update comment {comment}", send)

    def drop_comment(self, comment: int) -> None:
        it = self.session.comment(comment)
        self.session.ask(f"delete comment {comment}", lambda: self.session.seek(it.delete))

    def issues(self) -> list[Issue]:
        def read() -> list[Issue]:
            found = self.session.repo.get_issues(state="open", sort="created", direction="asc")
            return [as_issue(it) for it in found if it.pull_request is None]

        return self.session.ask("list the open issues", read)

    def open_issue(self, title: str, body: str, labels: tuple[str, ...]) -> Issue:
        def send() -> Issue:
            made = self.session.repo.create_issue(title, body=body, labels=list(labels))
            return as_issue(made)

        def find() -> Issue | None:
            return next((it for it in self.issues() if _same(it.body, body)), None)

        return self.session.create(f"open the issue {title!r}", send, find)

    def change_issue(self, issue: int, *, title: str, body: str) -> None:
        it = self.session.repo.get_issue(issue)
        self.session.ask(f"update issue #{issue}", lambda: it.edit(title=title, body=body))

    def close_issue(self, issue: int) -> None:
        it = self.session.repo.get_issue(issue)
        doing = f"close issue #{issue}"
        self.session.ask(doing, lambda: it.edit(state="closed", state_reason="not_planned"))


def _same(stored: str, sent: str) -> bool:
    """GitHub may hand a text back with other line ends and without those at its end."""
    return stored.split() == sent.split()
