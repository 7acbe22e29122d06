"""Which commit a part of a file came by, and whose commit that is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pennon.git.process import run
from pennon.git.repo import Repo

Part = Callable[[str | None], object]
"""The text of the file (None where there is none) -> what is looked for in it."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A commit with its author, as git tells them; `at` is RFC 3339."""

    commit: str
    name: str
    mail: str
    at: str


def origin(repo: Repo, commit: str, path: str, part: Part) -> Origin | None:
    """The commit since which `part` of the file is what it is at `commit`.

    Line by line as git blame would not do: another layout is no other content, and lines that are
    the same mean something else below another name. None where a shallow clone ends before it.
    """
    listed = run(repo.root, "rev-list", "--topo-order", "--parents", commit, "--", path)
    parents = {it: rest for it, *rest in map(str.split, listed.decode().splitlines())}
    if not parents:
        return None
    wanted, at = part(repo.show(commit, path)), next(iter(parents))
    while before := next((it for it in parents[at] if part(repo.show(it, path)) == wanted), None):
        at = before
    return None if repo.is_shallow() and not parents[at] else _told(repo, at)


def _told(repo: Repo, commit: str) -> Origin:
    shape = "--format=%H%x00%an%x00%ae%x00%aI"
    told = run(repo.root, "log", "--max-count=1", "--no-show-signature", shape, commit)
    commit, name, mail, at = told.decode(errors="replace").rstrip("\n").split("\0")
    return Origin(commit=commit, name=name, mail=mail, at=at)
