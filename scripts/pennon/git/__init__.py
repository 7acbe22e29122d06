"""git: the binary, behind one door. Nothing else in pennon starts it.

What a reader of tags needs is here; pushing is in git.push, copies of a remote in git.mirror,
signatures in git.signatures: imported where they are used, because start-up is a feature.
"""

from pennon.git.repo import Repo, initialise
from pennon.git.tags import Tag, fetch, ids, listing, objects, remote_listing, remote_refs

__all__ = [
    "Repo",
    "Tag",
    "fetch",
    "ids",
    "initialise",
    "listing",
    "objects",
    "remote_listing",
    "remote_refs",
]
