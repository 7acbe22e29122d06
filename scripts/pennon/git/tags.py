"""Tags and remote refs, read in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from pennon.git.process import attempt, run
from pennon.git.push import remote_error
from pennon.git.repo import Repo

_FIELDS = ("refname:lstrip=2", "objectname", "objecttype", "*objectname", "*objecttype", "tag")
_FORMAT = "%00".join(f"%({name})" for name in (*_FIELDS, "taggerdate:unix", "taggername"))

_SIGNATURE = re.compile(r"^-----BEGIN (?:PGP|SSH|SIGNED) ", re.MULTILINE)


class Tag(msgspec.Struct, frozen=True):
    """One ref under refs/tags, as git lists it. A lightweight tag is its own target."""

    name: str
    oid: str
    kind: str  # tag, commit, tree, blob
    target: str
    target_kind: str
    inner: str  # the name inside the tag object: GTO believes it, we compare it
    seconds: int | None  # tagger date, seconds since 1970
    tagger: str


def tags(repo: Repo, *patterns: str) -> list[Tag]:
    """The tags below refs/tags that match (prefixes such as `churn@*`; all when none is given)."""
    wanted = [f"refs/tags/{pattern}" for pattern in patterns] or ["refs/tags"]
    out = run(repo.root, "for-each-ref", f"--format={_FORMAT}", *wanted)
    return [_tag(line) for line in out.decode(errors="replace").splitlines() if line]


def _tag(line: str) -> Tag:
    name, oid, kind, target, target_kind, inner, seconds, tagger = line.split("\0")
    return Tag(
        name=name,
        oid=oid,
        kind=kind,
        target=target or oid,
        target_kind=target_kind or kind,
        inner=inner,
        seconds=int(seconds) if re.fullmatch(r"-?\d+", seconds) else None,
        tagger=tagger,
    )


def messages(repo: Repo, oids: Iterable[str]) -> dict[str, str]:
    """Tag object id -> its message, unsigned, in one process. Ids of other objects are left out."""
    wanted = list(dict.fromkeys(oids))
    out = run(repo.root, "cat-file", "--batch", stdin="\n".join(wanted).encode() + b"\n")
    found: dict[str, str] = {}
    position = 0
    while position < len(out):
        end = out.index(b"\n", position)
        header = out[position:end].decode().split(" ")
        position = end + 1
        if len(header) != 3:  # "<id> missing"  # noqa: PLR2004
            continue
        size = int(header[2])
        if header[1] == "tag":
            body = out[position : position + size]
            text = body.partition(b"\n\n")[2].decode(errors="replace")
            found[header[0]] = _SIGNATURE.split(text, maxsplit=1)[0]
        position += size + 1
    return found


def remote_refs(repo: Repo, *patterns: str) -> dict[str, str]:
    """Ref name -> object id on the remote, for full patterns such as `refs/tags/churn@*`."""
    result = attempt(repo.root, "ls-remote", "--refs", repo.remote, *patterns)
    if result.returncode:
        raise remote_error(repo, result.stderr.decode(errors="replace"))
    lines = result.stdout.decode(errors="replace").splitlines()
    return {name: oid for oid, name in (line.split("\t", 1) for line in lines)}


def fetch(repo: Repo, *refspecs: str) -> None:
    """Fetch exactly these, tags by force: the remote's tag is the true one."""
    flags = ("--quiet", "--no-tags", "--no-write-fetch-head", "--stdin")
    lines = "".join(f"{refspec}\n" for refspec in refspecs).encode()
    result = attempt(repo.root, "fetch", *flags, repo.remote, stdin=lines)
    if result.returncode:
        raise remote_error(repo, result.stderr.decode(errors="replace"))


def ids(repo: Repo, *patterns: str) -> dict[str, str]:
    """Ref name -> object id, for patterns as `tags` takes them; the cheapest listing there is."""
    wanted = [f"refs/tags/{pattern}" for pattern in patterns] or ["refs/tags"]
    out = run(repo.root, "for-each-ref", "--format=%(objectname) %(refname)", *wanted)
    pairs = (line.split(" ", 1) for line in out.decode(errors="surrogateescape").splitlines())
    return {name: oid for oid, name in pairs}
