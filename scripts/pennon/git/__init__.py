"""git: the binary, behind one door. Nothing else in pennon starts it."""

from pennon.git.mirror import copy, mirror
from pennon.git.push import WorkflowRuleError, Write, keep, make, push, tip
from pennon.git.repo import Repo, initialise
from pennon.git.signatures import flaw
from pennon.git.tags import Tag, fetch, ids, listing, objects, remote_listing, remote_refs

__all__ = [
    "Repo",
    "Tag",
    "WorkflowRuleError",
    "Write",
    "copy",
    "fetch",
    "flaw",
    "ids",
    "initialise",
    "keep",
    "listing",
    "make",
    "mirror",
    "objects",
    "push",
    "remote_listing",
    "remote_refs",
    "tip",
]
