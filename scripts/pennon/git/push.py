"""Making a tag and pushing it: all refs or none, each only over what is expected there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from tempfile import TemporaryDirectory

import msgspec

from pennon.errors import ConflictError, GitError
from pennon.git.process import attempt, run
from pennon.git.repo import Repo


class WorkflowRuleError(GitError):
    """GitHub: this token may not push a ref to a commit whose workflows no branch tip has."""


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
        run(repo.root, "init", "--quiet", "--bare", f"--object-format={kind}", folder)
        aside = {"GIT_DIR": folder, "GIT_OBJECT_DIRECTORY": str(repo.root / objects)}
        include = ("-c", f"include.path={repo.root / config}")
        arguments = ("tag", "--annotate", "--cleanup=verbatim", "--file=-", name, target)
        dated = aside | {"GIT_COMMITTER_DATE": f"{seconds} +0000"}
        run(repo.root, *include, *arguments, stdin=message.encode(), extra=dated)
        return run(repo.root, "rev-parse", f"refs/tags/{name}", extra=aside).decode().strip()


def keep(repo: Repo, name: str, oid: str) -> None:
    """Let this clone have the tag, too, once its remote has it."""
    run(repo.root, "update-ref", f"refs/tags/{name}", oid)


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
    raise remote_error(repo, words)


def remote_error(repo: Repo, words: str) -> GitError:
    """What went wrong with the remote, in git's own words where we know no better."""
    if "does not appear to be a git repository" in words or "No such remote" in words:
        return GitError(
            f"no remote named {repo.remote!r} can be reached from {repo.root}",
            hint=f"git remote add {repo.remote} <url>: the registry lives in the remote's tags",
        )
    return GitError(f"{repo.remote} refused: {words.strip()}")
