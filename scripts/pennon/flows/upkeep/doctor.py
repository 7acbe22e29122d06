"""What is odd about a registry and this clone of it, each with its way out. Nothing is changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pennon.config import ProblemsError
from pennon.config.settings import RULESETS
from pennon.errors import ConfigError, ForgeError, GitError, RegistryError
from pennon.flows.upkeep import settings
from pennon.flows.upkeep.environments import compared, ruled, settings_of
from pennon.flows.upkeep.protection import unprotected
from pennon.flows.world import World
from pennon.git import listing, remote_listing
from pennon.registry import EventKind, ModelState, check_model, read
from pennon.registry.audit import Alarm, unusable
from pennon.registry.blocks import blocks

_TAGS = "refs/tags/"
RULESET = f"{RULESETS}/registry.json"
MEND = "pennon repo apply"


def doctor(world: World) -> list[Alarm]:
    """All of it at once; empty where there is nothing to mend."""
    found = list(_clone(world))
    stages = _stages(world)
    now = world.seconds()
    models = []
    for state in read(world.repo):
        models.append(state.model)
        found += unusable(state)
        found += _order(state, now)
        found += _places(state)
        found += _names(state, stages)
    return [*found, *_rules(world, models), *_rulesets(world), *_environments(world)]


def _clone(world: World) -> Iterator[Alarm]:
    """Tags of this clone against those of its remote: readers of a clone see only the former."""
    repo = world.repo
    if not repo.has_remote():
        return
    try:
        there = _events(remote_listing(repo, f"{_TAGS}*"))
    except GitError as error:
        yield Alarm("remote", repo.remote, error.what, error.hint or "see that it can be reached")
        return
    here = _events(listing(repo))
    for tag in sorted(set(here) - set(there)):
        fix = f"git tag --delete '{tag}'; only pennon's own commands write to the registry"
        yield Alarm("unpushed", tag, "is in this clone and not on the remote", fix)
    for tag in sorted(tag for tag in set(here) & set(there) if here[tag] != there[tag]):
        fix = f"git fetch --force {repo.remote} '{_TAGS}{tag}:{_TAGS}{tag}'"
        yield Alarm("stale", tag, "is another object here than on the remote", fix)
    if missing := sorted(set(there) - set(here)):
        why = ": this clone is shallow" if repo.is_shallow() else ""
        those = f"and {len(missing) - 1} more are" if len(missing) > 1 else "is"
        what = f"{those} on the remote and not in this clone{why}"
        yield Alarm("missing", missing[0], what, f"git fetch --tags {repo.remote}")


def _events(lines: bytes) -> dict[str, str]:
    return dict(ref for block in blocks(lines) for ref in block.refs())


def _order(state: ModelState, now: float) -> Iterator[Alarm]:
    """GTO orders by the date alone: where it does not tell, two readers may see two champions."""
    at: dict[int, str] = {}
    for event in state.events:
        if event.seconds in at:
            what = f"has the same second as {at[event.seconds]}: GTO may order them otherwise"
            yield Alarm("tie", event.tag, what, "assign the stage once more: pennon promote")
        at[event.seconds] = event.tag
        if event.seconds > now + 60:
            what = "is dated in the future: what GTO writes until then comes before it"
            yield Alarm("future", event.tag, what, "set the clock of whoever wrote it")


def _rules(world: World, models: list[str]) -> Iterator[Alarm]:
    """An audit finds a registry that was rewritten; a rule keeps it from being rewritten."""
    try:
        rulesets = world.forge.rulesets() if models else None
    except ForgeError as error:
        world.say(f"the forge's rules were not looked at: {error.what}")
        return
    if rulesets is None:
        return
    fix = f"{MEND}, where there is a {RULESET}: docs/doctor.md"
    for model, what in unprotected(models, rulesets):
        yield Alarm("unprotected", model, f"its events on the forge can be {what}", fix)


def _rulesets(world: World) -> Iterator[Alarm]:
    """Files of rulesets beside the forge's own."""
    try:
        wanted = settings.read_files(world.root).rulesets
        if not wanted or world.forge.settings is None:
            return
        found = settings.compared(wanted, settings.rulesets_of(world.forge.settings))
    except ProblemsError as error:
        for it in error.problems:
            yield Alarm("ruleset", it.file, str(it), "mend the file")
        return
    except ForgeError as error:
        world.say(f"the forge's rulesets were not looked at: {error.what}")
        return
    for change in found.changes:
        what = f"is on the forge not what its file says: {change.what}"
        yield Alarm("ruleset", change.name, what, MEND)
    for rule in found.rules:
        if rule.enforced is False:
            yield Alarm("recorded", rule.rule, rule.why, "docs/repo.md says what holds where")


def _environments(world: World) -> Iterator[Alarm]:
    """Rules for environments that the forge has not, or does not enforce."""
    try:
        wanted = world.config().project.environments
    except ConfigError:
        return
    if not any(ruled(it) for it in wanted.values()):
        return
    try:
        found = compared(wanted, settings_of(world))
    except ForgeError as error:
        world.say(f"the forge's environments were not looked at: {error.what}")
        return
    for it in found.changes:
        what = f"is on the forge not what pennon.yaml says: {it.what}"
        yield Alarm("environment", it.name, what, MEND)
    for rule in found.rules:
        if rule.enforced is not True:
            what = f"{rule.rule}: {rule.why}"
            fix = "approval: promotion-pr or manual-dispatch, see docs/environments.md"
            yield Alarm("recorded", rule.of, what, fix)


def _places(state: ModelState) -> Iterator[Alarm]:
    """GTO finds the version of an assignment by its commit."""
    on: dict[str, list[str]] = defaultdict(list)
    for event in state.versions.values():
        on[event.commit].append(event.tag)
    for tags in on.values():
        if len(tags) > 1:
            what = f"is on the same commit as {tags[0]}: GTO cannot tell their assignments apart"
            yield Alarm("one-commit", tags[-1], what, "register each version on its own commit")


def _stages(world: World) -> tuple[str, ...]:
    """Those of pennon.yaml; none where this is no model repository."""
    try:
        return world.config().project.stages
    except ConfigError:
        return ()


def _names(state: ModelState, stages: tuple[str, ...]) -> Iterator[Alarm]:
    try:
        check_model(state.model)
    except RegistryError as error:
        yield Alarm("name", state.model, str(error), "it can be read; choose another for new ones")
    told = {
        event.name.stage: event for event in state.events if event.name.kind is EventKind.ASSIGN
    }
    for stage, event in told.items():
        if stages and stage not in stages:
            known = ", ".join(stages)
            yield Alarm(
                "stage",
                event.tag,
                f"names a stage that pennon.yaml has not ({known})",
                "add it to `stages`, or take the version out of it",
            )
