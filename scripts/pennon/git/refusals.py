"""Why a remote refused: its own words, turned into who can help and how."""

from __future__ import annotations

import re

from pennon.errors import GitError
from pennon.git.repo import Repo

# Patterns as text: compiled when something was refused, not at every start.
_LINK = r"https://\S+"
_RULE = r"(?m)^(?:remote: )?\s*- (.+?)\s*$"
_RULESET = r"GH013|GH006|repository rule violations|protected tag|protected ref"
_READ_ONLY = (
    r"returned error: 403|Permission to \S+ denied|Write access to repository not granted"
    r"|marked as read only|deploy key does not have write"
)
_UNKNOWN_USER = r"could not read (?:Username|Password)|Authentication failed|error: 401"
_GONE = (
    r"hung up unexpectedly|unexpected disconnect|early EOF|RPC failed"
    r"|Connection (?:reset|timed out)|remote failed to report status"
    r"|Could not read from remote repository|Broken pipe"
)
_BUSY = (
    r"[Cc]annot lock ref|failed to lock|[Uu]nable to create '[^']*\.lock'|failed to update ref"
    r"|atomic transaction failed|reference already exists|incorrect old value"
)
_WORKFLOWS = r"without `workflows?` (?:permission|scope)"


class WorkflowRuleError(GitError):
    """GitHub: this token may not push a ref to a commit whose workflows no branch tip has."""


def is_busy(words: str) -> bool:
    """Somebody else was writing the same refs at that moment."""
    return bool(re.search(_BUSY, words))


def has_vanished(words: str) -> bool:
    """The connection ended before the remote had said what became of the push."""
    return bool(re.search(_GONE, words))


def refusal(repo: Repo, ref: str, words: str) -> GitError:
    """For a push of which nothing was written, and that nobody else's writing explains."""
    if re.search(_WORKFLOWS, words):
        return WorkflowRuleError(
            f"{repo.remote} refused {ref}: {_line(words, _WORKFLOWS)}",
            hint="its commit has other workflow files than every branch: register again on the "
            "head of the default branch, or push with an app that has the permission `workflows`",
        )
    if re.search(_RULESET, words):
        link = re.search(_LINK, words)
        rules = "; ".join(re.findall(_RULE, words)) or _line(words, _RULESET)
        return GitError(
            f"{repo.remote} refused {ref}: a ruleset protects it ({rules})",
            hint="whoever is on its bypass list can write it, and an administrator can put this "
            f"workflow's app there{': ' + link[0] if link else ''}",
        )
    return remote_error(repo, words, f"refused {ref}")


def remote_error(repo: Repo, words: str, doing: str = "refused") -> GitError:
    """What went wrong with the remote, in git's own words where we know no better."""
    if "does not appear to be a git repository" in words or "No such remote" in words:
        return GitError(
            f"no remote named {repo.remote!r} can be reached from {repo.root}",
            hint=f"git remote add {repo.remote} <url>: the registry lives in the remote's tags",
        )
    if re.search(_READ_ONLY, words):
        return GitError(
            f"{repo.remote} {doing}: these credentials may not write ({_line(words, _READ_ONLY)})",
            hint="in a workflow the job needs `permissions: contents: write`, which pull requests "
            "of forks and of Dependabot never get; elsewhere a key or token with write access",
        )
    if re.search(_UNKNOWN_USER, words):
        return GitError(
            f"{repo.remote} {doing}: it does not know who asks ({_line(words, _UNKNOWN_USER)})",
            hint="actions/checkout keeps no credentials with `persist-credentials: false`; "
            "elsewhere: git ls-remote says whether yours work",
        )
    return GitError(f"{repo.remote} {doing}: {words.strip()}")


def _line(words: str, pattern: str) -> str:
    """The line that told, without git's prefixes."""
    line = next(line for line in words.splitlines() if re.search(pattern, line))
    return re.sub(r"^(?:remote: )?(?:fatal: |error: |ERROR: )?|^!\t\S*\t", "", line).strip()
