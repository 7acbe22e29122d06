"""Tags and remote refs: reading them in bulk, making them, pushing them all or none."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from pennon.errors import ConflictError, GitError
from pennon.git.process import attempt, run
from pennon.git.repo import Repo

_FIELDS = ("refname:lstrip=2", "objectname", "objecttype", "*objectname", "*objecttype", "tag")
_FORMAT = "%00".join(f"%({name})" for name in (*_FIELDS, "taggerdate:unix", "taggername"))


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


class WorkflowRuleError(GitError):
    """GitHub: this token may not push a ref to a commit whose workflows no branch tip has."""


class Write(msgspec.Struct, frozen=True):
    """A ref to push: `oid` where `expected` is now (empty: nothing is there yet)."""

    ref: str
    oid: str
    expected: str = ""


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
    """Tag object id -> its message, in one process. Ids of other objects are left out."""
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
            found[header[0]] = body.partition(b"\n\n")[2].decode(errors="replace")
        position += size + 1
    return found


def remote_refs(repo: Repo, *patterns: str) -> dict[str, str]:
    """Ref name -> object id on the remote, for full patterns such as `refs/tags/churn@*`."""
    result = attempt(repo.root, "ls-remote", "--refs", repo.remote, *patterns)
    if result.returncode:
        raise _remote_error(repo, result.stderr.decode(errors="replace"))
    lines = result.stdout.decode(errors="replace").splitlines()
    return {name: oid for oid, name in (line.split("\t", 1) for line in lines)}


def fetch(repo: Repo, *refspecs: str) -> None:
    """Fetch exactly these, tags by force: the remote's tag is the true one."""
    result = attempt(repo.root, "fetch", "--quiet", "--no-tags", repo.remote, *refspecs)
    if result.returncode:
        raise _remote_error(repo, result.stderr.decode(errors="replace"))


def make(repo: Repo, name: str, target: str, *, message: str, seconds: int) -> str:
    """Write an annotated tag object and a local ref for it; its id. Signed where git is told to."""
    date = f"{seconds} +0000"
    arguments = ("tag", "--annotate", "--force", "--cleanup=verbatim", "--file=-", name, target)
    run(repo.root, *arguments, stdin=message.encode(), extra={"GIT_COMMITTER_DATE": date})
    return run(repo.root, "rev-parse", f"refs/tags/{name}").decode().strip()


def drop(repo: Repo, name: str) -> None:
    """Remove a local tag that was never pushed."""
    run(repo.root, "update-ref", "-d", f"refs/tags/{name}")


def push(repo: Repo, writes: Iterable[Write]) -> None:
    """Push all or nothing, each ref only over what we expect. Raises ConflictError if it moved."""
    writes = tuple(writes)
    leases = [f"--force-with-lease={write.ref}:{write.expected}" for write in writes]
    specs = [f"{write.oid}:{write.ref}" for write in writes]
    flags = ("push", "--quiet", "--porcelain", "--atomic")
    result = attempt(repo.root, *flags, *leases, repo.remote, *specs)
    if result.returncode == 0:
        return
    words = (result.stdout + result.stderr).decode(errors="replace").strip()
    if re.search(
        r"stale info|already exists|failed to lock|cannot lock ref|reference already", words
    ):
        raise ConflictError(
            f"{repo.remote} changed while we wrote {writes[0].ref}",
            hint="nothing was written; run the command again to decide on the new state",
        )
    if "without `workflow" in words or "`workflows` permission" in words:
        raise WorkflowRuleError(f"{repo.remote} refused {writes[0].ref}: {words}")
    raise _remote_error(repo, words)


def _remote_error(repo: Repo, words: str) -> GitError:
    if "does not appear to be a git repository" in words or "No such remote" in words:
        return GitError(
            f"no remote named {repo.remote!r} can be reached from {repo.root}",
            hint=f"git remote add {repo.remote} <url>: the registry lives in the remote's tags",
        )
    return GitError(f"{repo.remote} refused: {words.strip()}")
