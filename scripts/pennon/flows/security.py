"""docs/security.md: write it from the workflows, and tell when it is not what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from pennon.assets import kit
from pennon.config import Problem, ProblemsError, Project
from pennon.config.workflows import FOLDER, Use, Workflow, uses, workflow
from pennon.flows.upkeep.written import Written
from pennon.flows.world import World
from pennon.report.security import MARK, facts, security

PAGE = "docs/security.md"
_PAGE = Written(PAGE, MARK, "pennon security")
_OURS = "pennon-ml/pennon/"
_MEND = "is not what the workflows and pennon.yaml say; run: pennon security"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The file, the workflows in it, and whether it was another one before (or none)."""

    file: str
    workflows: tuple[str, ...]
    changed: bool


def write_page(world: World, *, dry_run: bool = False) -> Page:
    """Write docs/security.md. Raises ConfigError where somebody wrote one by hand."""
    found = read_workflows(world.root)
    text = security(found, world.config().project, inside(found))
    return _page(found, changed=_PAGE.put(world, text, dry_run=dry_run))


def check_page(world: World) -> Page:
    """The page, if it is there and what the files say. Raises ConfigError otherwise."""
    _PAGE.needed(world)
    problems = list(outdated(world, world.config().project))
    if problems:
        raise ProblemsError(problems)
    return _page(read_workflows(world.root), changed=False)


def outdated(world: World, project: Project) -> Iterator[Problem]:
    """Silent without a page, and of one that somebody wrote by hand.

    What pennon's own workflows run may change with pennon: that makes no repository's page wrong.
    """
    old = _PAGE.there(world)
    if old is None:
        return
    try:
        found = read_workflows(world.root)
    except ProblemsError as error:
        yield from error.problems
        return
    if facts(found, project) not in old:
        yield Problem(PAGE, "", _MEND)


def read_workflows(root: Path) -> list[Workflow]:
    """All of a repository, by name. Raises ProblemsError for one that cannot be read."""
    files = sorted(it for it in (root / FOLDER).glob("*") if it.suffix in {".yml", ".yaml"})
    return [workflow(it.read_text(encoding="utf-8"), it.name) for it in files]


def inside(workflows: list[Workflow]) -> dict[Use, list[str]]:
    """What pennon's workflows run of others -> the repository's workflows that lead there."""
    found: dict[Use, list[str]] = {}
    for it in workflows:
        for use in sorted({use for ours in it.uses for use in _behind(ours)}):
            found.setdefault(use, []).append(it.file)
    return found


def _behind(use: Use) -> Iterator[Use]:
    """The foreign actions that one of ours leads to; those of nobody else's."""
    if not use.name.startswith(_OURS):
        return
    file = kit() / use.name.removeprefix(_OURS)
    file = file / "action.yml" if file.is_dir() else file
    for it in uses(file.read_text(encoding="utf-8")) if file.is_file() else ():
        if it.name.startswith(_OURS):
            yield from _behind(it)
        else:
            yield it


def _page(found: list[Workflow], *, changed: bool) -> Page:
    return Page(file=PAGE, workflows=tuple(it.file for it in found), changed=changed)
