"""Making a tag and pushing it: all refs or none, each only over what is expected there."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import TemporaryDirectory

import msgspec

from pennon.errors import ConflictError, GitError
from pennon.git.process import attempt, run
from pennon.git.refusals import (
    WorkflowRuleError,
    has_vanished,
    is_busy,
    refusal,
    remote_error,
)
from pennon.git.repo import Repo

__all__ = ["WorkflowRuleError", "Write", "keep", "make", "push", "tip"]


class Write(msgspec.Struct, frozen=True):
    """A ref to push: `oid` where `expected` is now (empty: nothing is there yet)."""

    ref: str
    oid: str
    expected: str = ""


def make(repo: Repo, name: str, target: str, *, message: str, seconds: int) -> str:
    """Write an annotated tag object that no ref names yet; its id. Signed where git is told to.

    git itself makes and signs it, in an empty repository that shares nothing but objects and
    configuration: whenever we are killed, this clone has no tag that its remote does not have.
    """
    asked = ("--show-object-format", "--git-path", "objects", "--git-path", "config")
    kind, objects, config = run(repo.root, "rev-parse", *asked).decode().splitlines()
    with TemporaryDirectory(prefix="pennon-tag-") as folder:
        run(
            repo.root, "init", "--quiet", "--bare", "--template=", f"--object-format={kind}", folder
        )
        aside = {"GIT_DIR": folder, "GIT_OBJECT_DIRECTORY": str(repo.root / objects)}
        include = ("-c", f"include.path={repo.root / config}")
        arguments = ("tag", "--annotate", "--cleanup=verbatim", "--file=-", name, target)
        dated = aside | {"GIT_COMMITTER_DATE": f"{seconds} +0000"}
        run(repo.root, *include, *arguments, stdin=message.encode(), extra=dated)
        return run(repo.root, "rev-parse", f"refs/tags/{name}", extra=aside).decode().strip()


def keep(repo: Repo, name: str, oid: str) -> None:
    """Let this clone have the tag, too, once its remote has it.

    Where that fails (another process of this clone fetches it now) the next reading brings it.
    """
    attempt(repo.root, "update-ref", f"refs/tags/{name}", oid)


def tip(repo: Repo, branch: str) -> str:
    """The commit that a branch of the remote is at now, brought into this clone."""
    ref = f"refs/remotes/{repo.remote}/{branch}"
    flags = ("--quiet", "--no-tags", "--no-write-fetch-head")
    result = attempt(repo.root, "fetch", *flags, repo.remote, f"+refs/heads/{branch}:{ref}")
    if result.returncode:
        raise remote_error(repo, result.stderr.decode(errors="replace"))
    return repo.commit(ref)


def push(repo: Repo, writes: Iterable[Write]) -> None:
    """Push all or nothing, each ref only over what we expect. Raises ConflictError if it moved.

    A push that failed may have arrived all the same, so the remote is asked what it has now.
    """
    writes = tuple(writes)
    leases = [f"--force-with-lease={write.ref}:{write.expected}" for write in writes]
    specs = [f"{write.oid}:{write.ref}" for write in writes]
    flags = ("push", "--quiet", "--porcelain", "--atomic")
    result = attempt(repo.root, *flags, *leases, repo.remote, *specs)
    if result.returncode == 0:
        return
    words = (result.stdout + result.stderr).decode(errors="replace").strip()
    if "[rejected] (stale info)" in words:  # git looked before it sent anything
        raise _conflict(repo, writes[0], "it changed while we wrote")
    now = _now(repo, writes, words)
    if now[writes[0].ref] == writes[0].oid:
        return
    if any(now[write.ref] != write.expected for write in writes):
        raise _conflict(repo, writes[0], "it changed while we wrote")
    if is_busy(words):
        raise _conflict(repo, writes[0], f"others were writing: {words}")
    if has_vanished(words):
        raise GitError(
            f"{repo.remote} vanished in the push of {writes[0].ref} and does not have it: {words}",
            hint="run the same command again: it looks first whether the push arrived after all",
        )
    raise refusal(repo, writes[0].ref, words)


def _now(repo: Repo, writes: tuple[Write, ...], words: str) -> dict[str, str]:
    """Ref -> what the remote has there after the push failed; empty where there is nothing."""
    refs = [write.ref for write in writes]
    result = attempt(repo.root, "ls-remote", "--refs", repo.remote, *refs)
    if result.returncode and has_vanished(words):
        raise GitError(
            f"{repo.remote} vanished while {refs[0]} was pushed: nobody knows whether it arrived",
            hint="run the same command again once the remote answers: it looks first",
        )
    if result.returncode:
        raise refusal(repo, refs[0], words)
    lines = result.stdout.decode(errors="replace").splitlines()
    found = {name: oid for oid, name in (line.split("\t", 1) for line in lines)}
    return {ref: found.get(ref, "") for ref in refs}


def _conflict(repo: Repo, write: Write, why: str) -> ConflictError:
    return ConflictError(
        f"{repo.remote} did not take {write.ref}: {why}",
        hint="nothing was written; run the command again to decide on the new state",
    )
