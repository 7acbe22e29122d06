"""The environments of pennon.yaml and those of the forge: what differs, and what is enforced."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from pennon.config import Approval, Environment
from pennon.errors import ForgeError
from pennon.flows.world import World
from pennon.forge import Hosting, Protection, Settings

ENTERPRISE = {"enterprise", "business", "business_plus"}
FREE = {"free"}
KEPT = ("reviewers", "branches", "tags")


class Change(msgspec.Struct, frozen=True):
    """One thing that the forge has otherwise; `what` is it, from what to what."""

    kind: str  # environment, label, ruleset, variable
    name: str
    what: str


class Rule(msgspec.Struct, frozen=True):
    """A rule of an environment, or of the repository: `of` is which.

    `enforced` is None where nobody can say; `why` is by whom, or not.
    """

    of: str
    rule: str
    enforced: bool | None
    why: str


class Alone(msgspec.Struct, frozen=True):
    """What only the forge has."""

    kind: str
    name: str


class Compared(msgspec.Struct, frozen=True):
    """Files beside the forge. Those that are `alone` are left alone."""

    changes: tuple[Change, ...]
    rules: tuple[Rule, ...] = ()
    alone: tuple[Alone, ...] = ()


def settings_of(world: World) -> Settings:
    """Raises ForgeError for a forge that keeps none."""
    settings = world.forge.settings
    if settings is None:
        raise ForgeError(
            f"{world.forge.where} keeps no settings: no environments, rulesets, labels, variables",
            hint="they are GitHub's: PENNON_FORGE=github:OWNER/NAME",
        )
    return settings


def compared(wanted: dict[str, Environment], settings: Settings) -> Compared:
    """What differs, and which rules hold."""
    there = settings.environments()
    changes = (differences(name, place, there) for name, place in wanted.items())
    return Compared(
        changes=tuple(chain.from_iterable(changes)),
        rules=tuple(rules_of(wanted, settings.hosting())),
        alone=tuple(Alone("environment", name) for name in sorted(set(there) - set(wanted))),
    )


def ruled(place: Environment) -> bool:
    """Whether it has a rule that the forge is to keep."""
    asked = place.reviewers or place.branches or place.tags
    return bool(asked) or place.approval is Approval.REQUEST


def protection(name: str, place: Environment) -> Protection:
    """What the file asks for. Of what it does not speak the forge's own rule stays."""
    return Protection(
        name=name,
        reviewers=tuple(sorted(place.reviewers)) or None,
        branches=tuple(sorted(place.branches)) or None,
        tags=tuple(sorted(place.tags)) or None,
    )


def differences(name: str, place: Environment, there: dict[str, Protection]) -> Iterator[Change]:
    """Pure. A handle means the same in any case of letters."""
    found, wanted = there.get(name), protection(name, place)
    if found is None:
        yield Change("environment", name, "missing → made")
    for key in KEPT:
        asked, has = getattr(wanted, key), getattr(found, key, None) or ()
        if asked is not None and _folded(asked) != _folded(has):
            what = f"{key}: {', '.join(has) or 'none'} → {', '.join(asked)}"
            yield Change("environment", name, what)


def rules_of(environments: dict[str, Environment], hosting: Hosting) -> Iterator[Rule]:
    """What holds on this plan. GitHub's documentation: docs/environments.md names the pages. Pure.

    A public repository has all of it. Of a private one rules for branches and protected branches
    need a paid plan, reviewers Enterprise.
    """
    for name, it in environments.items():
        if it.after:
            yield Rule(name, f"after {it.after}", enforced=True, why="pennon deploy")
        if it.approval is Approval.REVIEWERS:
            rule = f"reviewers {', '.join(it.reviewers)}"
            yield Rule(name, rule, *_held(hosting, ENTERPRISE, "GitHub Enterprise"))
        if it.branches or it.tags:
            rule = f"only from {', '.join((*it.branches, *it.tags))}"
            yield Rule(name, rule, *_held(hosting, None, "a paid plan"))
        if it.approval is Approval.REQUEST:
            enforced, why = _held(hosting, None, "a paid plan")
            why = "a protected branch with CODEOWNERS" if enforced else why
            yield Rule(name, "a merged promotion request", enforced, why)
        if it.approval is Approval.BY_HAND:
            yield Rule(name, "started by a person", enforced=True, why="pennon deploy")
        if it.requires.labels:
            rule = f"labels {', '.join(it.requires.labels)}"
            yield Rule(name, rule, enforced=True, why="pennon deploy; whoever may triage labels")


def _held(hosting: Hosting, plans: set[str] | None, needs: str) -> tuple[bool | None, str]:
    """Whether GitHub enforces it; without `plans` any that is paid does."""
    if not hosting.private:
        return True, "GitHub"
    if not hosting.plan:
        return None, f"a private repository needs {needs}, and the plan of its owner is not known"
    held = hosting.plan in plans if plans else hosting.plan not in FREE
    return held, "GitHub" if held else f"only recorded: a private repository needs {needs}"


def _folded(names: tuple[str, ...]) -> set[str]:
    return {name.casefold() if name.startswith("@") else name for name in names}
