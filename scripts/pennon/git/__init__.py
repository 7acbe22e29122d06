"""git: the binary, behind one door. Nothing else in pennon starts it."""

from pennon.git.push import WorkflowRuleError, Write, keep, make, push
from pennon.git.repo import Repo, initialise
from pennon.git.tags import Tag, fetch, ids, messages, remote_refs, tags

__all__ = [
    "Repo",
    "Tag",
    "WorkflowRuleError",
    "Write",
    "fetch",
    "ids",
    "initialise",
    "keep",
    "make",
    "messages",
    "push",
    "remote_refs",
    "tags",
]
