"""What a push would do to the registry: refused where only pennon's own commands may do it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pennon.config import Naming, Project
from pennon.errors import RegistryError
from pennon.flows.world import World
from pennon.registry import EventName
from pennon.registry.grammar import parse

_TAGS = "refs/tags/"
_BRANCHES = "refs/heads/"
_NOTHING = re.compile(r"0+")


def check_push(world: World, lines: Iterable[str]) -> None:
    """`lines` are those that git gives a pre-push hook: local ref and id, remote ref and id.

    Raises RegistryError with everything that is wrong.
    """
    project = world.config().project
    own = world.repo.default_branch()
    tags: list[str] = []
    branches: list[str] = []
    for line in lines:
        parts = line.split()
        if len(parts) != 4:  # noqa: PLR2004  git's four
            continue
        _, local, ref, remote = parts
        if ref.startswith(_TAGS):
            name = ref.removeprefix(_TAGS)
            tags += [f"{name}: {why}" for why in _refusals(name, local, remote, project)]
        elif ref.startswith(_BRANCHES) and not _NOTHING.fullmatch(local):
            name = ref.removeprefix(_BRANCHES)
            branches += unfit(name, project.naming) if name != own else ()
    if tags:
        hint = "use pennon's commands: register, promote, rollback, retire"
        raise RegistryError(_listed("this push is not for the registry", tags), hint=hint)
    if branches:
        hint = "git branch -m gives it another name; the rule is naming.branches in pennon.yaml"
        raise RegistryError(_listed("not this repository's names", branches), hint=hint)


def unfit(branch: str, naming: Naming) -> Iterator[str]:
    """Why a branch may not be called that."""
    if naming.branches and not re.fullmatch(naming.branches, branch):
        yield f"the branch {branch!r} does not match {naming.branches!r}"


def _listed(what: str, wrong: list[str]) -> str:
    return what + ":" + "".join(f"\n  {it}" for it in wrong)


def _refusals(name: str, local: str, remote: str, project: Project) -> Iterator[str]:
    if "@" not in name and "#" not in name:
        return  # a tag of somebody else's
    event = parse(name)
    if event is None:
        yield "looks like a registry's tag and is none: MODEL@vX.Y.Z or MODEL#STAGE#N"
        return
    if _NOTHING.fullmatch(local):
        yield "an event is never deleted"
    elif not _NOTHING.fullmatch(remote):
        yield "an event is never moved or edited"
    else:
        yield from _unknown(event, project)


def _unknown(event: EventName, project: Project) -> Iterator[str]:
    if event.model not in project.models:
        yield f"pennon.yaml has no model {event.model!r}, only {', '.join(project.models)}"
    if event.stage and event.stage not in project.stages:
        yield f"pennon.yaml has no stage {event.stage!r}, only {', '.join(project.stages)}"
