"""Issues of the local forge, and the comments below issues and pull requests: a file each."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pennon.errors import ForgeError
from pennon.forge.files import claim, numbered, read_record, records, write_record
from pennon.forge.protocol import Comment, Issue

COMMENT_LIMIT = 65_536
"""Characters; GitHub's own, of an issue as well."""


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as its file has it."""

    number: int
    title: str
    body: str
    author: str
    labels: tuple[str, ...] = ()
    open: bool = True


class Talk:
    """`where` is for people. Issues and pull requests share their numbers, as on GitHub."""

    def __init__(self, root: Path, login: str, where: str) -> None:
        self._root = root
        self._login = login
        self._where = where

    def number(self) -> int:
        """The next one."""
        return claim(self._root / "pulls")

    def comments(self, number: int) -> list[Comment]:
        self._known(number)
        return records(self._root / "comments" / str(number), Comment)

    def comment(self, number: int, body: str) -> Comment:
        self._known(number)
        comment = Comment(
            id=claim(self._root / "comments"),
            body=_checked(body, f"a comment on #{number}"),
            author=self._login,
            is_bot=self._login.endswith("[bot]"),
        )
        write_record(self._root / "comments" / str(number) / f"{comment.id}.json", comment)
        return comment

    def change_comment(self, comment: int, body: str) -> Comment:
        path = self._comment(comment)
        old = read_record(path, Comment) if path else None
        if path is None or old is None:
            raise ForgeError(
                f"there is no comment {comment} in {self._where}",
                hint="somebody deleted it; run again to write a new one",
            )
        checked = _checked(body, f"a comment on #{path.parent.name}")
        new = msgspec.structs.replace(old, body=checked)
        write_record(path, new)
        return new

    def drop_comment(self, comment: int) -> None:
        if path := self._comment(comment):
            path.unlink(missing_ok=True)

    def issues(self) -> list[Issue]:
        filed = (it for it in records(self._root / "issues", Filed) if it.open)
        return [_issue(it) for it in filed]

    def open_issue(self, title: str, body: str, labels: tuple[str, ...]) -> Issue:
        filed = Filed(
            number=self.number(),
            title=title,
            body=_checked(body, "an issue"),
            author=self._login,
            labels=labels,
        )
        write_record(self._issue(filed.number), filed)
        return _issue(filed)

    def change_issue(self, issue: int, *, title: str, body: str) -> None:
        old = self._read(issue)
        checked = _checked(body, f"issue {issue}")
        write_record(self._issue(issue), msgspec.structs.replace(old, title=title, body=checked))

    def close_issue(self, issue: int) -> None:
        write_record(self._issue(issue), msgspec.structs.replace(self._read(issue), open=False))

    def _read(self, issue: int) -> Filed:
        found = read_record(self._issue(issue), Filed)
        if found is None:
            raise ForgeError(
                f"there is no issue {issue} in {self._where}", hint="somebody deleted its file"
            )
        return found

    def _known(self, number: int) -> None:
        if not any(file.is_file() for file in (self._pull(number), self._issue(number))):
            known = ", ".join(path.stem for path in numbered(self._root / "pulls"))
            raise ForgeError(
                f"there is no pull request {number} in {self._where}",
                hint=f"open are: {known}" if known else "none was opened yet",
            )

    def _pull(self, number: int) -> Path:
        return self._root / "pulls" / f"{number}.json"

    def _issue(self, number: int) -> Path:
        return self._root / "issues" / f"{number}.json"

    def _comment(self, comment: int) -> Path | None:
        return next((self._root / "comments").glob(f"*/{comment}.json"), None)


def _issue(it: Filed) -> Issue:
    """Whoever may write to the directory belongs to it."""
    return Issue(number=it.number, title=it.title, body=it.body, author=it.author, is_insider=True)


def _checked(body: str, what: str) -> str:
    if not body.strip() or len(body) > COMMENT_LIMIT:
        raise ForgeError(
            f"{what} cannot have {len(body)} characters", hint=f"write 1 to {COMMENT_LIMIT}"
        )
    return body
