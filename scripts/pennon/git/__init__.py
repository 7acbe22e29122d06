"""git: the binary, behind one door. Nothing else in pennon starts it."""

from pennon.git.repo import Repo, initialise
from pennon.git.tags import (
    Tag,
    WorkflowRuleError,
    Write,
    drop,
    fetch,
    make,
    messages,
    push,
    remote_refs,
    tags,
)

__all__ = [
    "Repo",
    "Tag",
    "WorkflowRuleError",
    "Write",
    "drop",
    "fetch",
    "initialise",
    "make",
    "messages",
    "push",
    "remote_refs",
    "tags",
]
