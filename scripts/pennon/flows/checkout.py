"""The code of a version in a folder of its own, beside the work that goes on."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pennon.errors import GitError
from pennon.flows.world import World
from pennon.registry import Reference
from pennon.registry.reference import meant


class CheckedOut(msgspec.Struct, frozen=True):
    """Where the code of a version is, at the commit that it was made from."""

    model: str
    version: str
    commit: str
    folder: str


def checkout(world: World, wanted: Reference, folder: Path | None) -> CheckedOut:
    """A work tree of this clone at the version's commit; again, the one that is there.

    `folder` is `<repository>-<model>-<version>` beside the repository where none is given. Raises
    RegistryError for what is not registered, GitError where something else is in the folder.
    """
    state = world.state(wanted.model)
    version = meant(state, wanted)
    commit = state.find(version).commit
    name = f"{world.root.name}-{wanted.model}-{version}"
    place = folder or world.root.parent / "".join(c if c not in ":/" else "-" for c in name)
    trees = world.repo.worktrees()
    held = trees.get(place.resolve())
    if held is None:
        world.repo.add_worktree(place, commit)
    elif held != commit:
        raise GitError(
            f"{place} is at {held[:7]}, and {wanted.model}@{version} was made from {commit[:7]}",
            hint="name another folder, or: git worktree remove " + str(place),
        )
    return CheckedOut(wanted.model, str(version), commit, str(place))
