"""Tags, read in bulk: names and ids in one process, contents in another, however many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO

import msgspec

from pennon.git.process import attempt, gather, run, stream
from pennon.git.refusals import remote_error
from pennon.git.repo import Repo

_NUMBER = re.compile(r"-?[0-9]{1,18}")
_CHUNK = 1 << 20


class Tag(msgspec.Struct, frozen=True, gc=False):
    """One ref under refs/tags and its object. A lightweight tag is its own target."""

    name: str
    oid: str
    kind: str  # tag, commit, tree, blob; missing
    target: str
    target_kind: str
    inner: str = ""  # the name inside the tag object: GTO believes it, we compare it
    seconds: int | None = None  # tagger date, seconds since 1970
    tagger: str = ""
    body: bytes = b""  # the message, and the signature where there is one


def listing(repo: Repo) -> bytes:
    """`<id> refs/tags/<name>` of every tag, a line each, sorted by name."""
    code, out = gather(repo.root, "show-ref", "--tags")
    if code in {0, 1}:  # 1: there is no tag
        return out
    # It stops at the first ref whose object is not here. This one goes on, and holds all in memory.
    return run(repo.root, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")


def ids(repo: Repo, *patterns: str) -> dict[str, str]:
    """Ref name -> object id of the refs that match, such as `refs/tags/churn@*`."""
    out = run(repo.root, "for-each-ref", "--format=%(objectname) %(refname)", *patterns)
    pairs = (line.split(" ", 1) for line in out.decode(errors="surrogateescape").splitlines())
    return {name: oid for oid, name in pairs}


Ask = Callable[[str, str], Tag]
"""(name below refs/tags, object id) -> the tag. Asked in the order in which the ids were given."""


@contextmanager
def objects(repo: Repo, ids: Iterable[bytes]) -> Iterator[Ask]:
    """The contents of tags, out of one process. `ids` come as lines, in pieces of any size."""
    with stream(repo.root, "cat-file", "--batch", "--buffer", stdin=ids) as out:
        yield partial(_read, out)


def _read(out: IO[bytes], name: str, oid: str) -> Tag:
    _, _, facts = out.readline().rstrip(b"\n").partition(b" ")
    kind, _, size = facts.partition(b" ")
    if kind == b"tag":
        return _tag(name, oid, out.read(int(size) + 1))
    left = int(size) + 1 if size else 0  # whatever a lightweight tag names, it may be large
    while left:
        left -= len(out.read(min(left, _CHUNK)))
    return Tag(name, oid, kind.decode(), oid, kind.decode())


def _tag(name: str, oid: str, content: bytes) -> Tag:
    head, _, body = content.partition(b"\n\n")
    lines = head.decode(errors="replace").split("\n", 4)
    tagger, seconds = "", ""
    if len(lines) > 3 and lines[3].startswith("tagger "):  # noqa: PLR2004  git's fixed order
        tagger, _, date = lines[3][7:].rpartition("> ")
        seconds = date.partition(" ")[0]
    return Tag(
        name,
        oid,
        "tag",
        lines[0][7:],
        lines[1][5:],
        lines[2][4:],
        int(seconds) if _NUMBER.fullmatch(seconds) else None,
        tagger.partition(" <")[0],
        body[:-1],
    )


def remote_refs(repo: Repo, *patterns: str) -> dict[str, str]:
    """Ref name -> object id on the remote, for full patterns such as `refs/tags/churn@*`."""
    result = attempt(repo.root, "ls-remote", "--refs", repo.remote, *patterns)
    if result.returncode:
        raise remote_error(repo, result.stderr.decode(errors="replace"))
    lines = result.stdout.decode(errors="surrogateescape").splitlines()
    return {name: oid for oid, name in (line.split("\t", 1) for line in lines)}


def remote_listing(repo: Repo, *patterns: str) -> bytes:
    """The same as lines of `<id> <ref name>`, sorted by name."""
    result = attempt(repo.root, "ls-remote", "--refs", repo.remote, *patterns)
    if result.returncode:
        raise remote_error(repo, result.stderr.decode(errors="replace"))
    return result.stdout.replace(b"\t", b" ")


def fetch(repo: Repo, *refspecs: str, shallow: bool = False) -> None:
    """Fetch exactly these, tags by force: the remote's tag is the true one."""
    flags = ["--quiet", "--no-tags", "--no-write-fetch-head", "--stdin"]
    if shallow:
        flags += ["--depth=1", "--filter=tree:0"]
    lines = "".join(f"{refspec}\n" for refspec in refspecs).encode()
    result = attempt(repo.root, "fetch", *flags, repo.remote, stdin=lines)
    words = result.stderr.decode(errors="replace")
    # A shallow fetch whose patterns match nothing ends with 1, and says nothing.
    if result.returncode and (words.strip() or not shallow):
        raise remote_error(repo, words)
