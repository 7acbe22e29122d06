"""Branches of the remote as they are now."""

from __future__ import annotations

from pennon.git.process import attempt
from pennon.git.repo import Repo
from pennon.git.tags import fetch, remote_refs


def remote_tip(repo: Repo, branch: str) -> str:
    """The commit of a branch on the remote, brought here; empty where there is no such branch."""
    ref = f"refs/heads/{branch}"
    tip = remote_refs(repo, ref).get(ref, "")
    if tip and attempt(repo.root, "cat-file", "-e", f"{tip}^{{tree}}").returncode:
        fetch(repo, f"+{ref}:refs/remotes/{repo.remote}/{branch}")
    return tip
