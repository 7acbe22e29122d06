"""repo: the settings of a repository on its forge, made what its files say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import assert_never

from pennon.config import Environment, Problem, ProblemsError
from pennon.config.settings import RepositorySettings
from pennon.flows.upkeep import environments
from pennon.flows.upkeep import settings as upkeep
from pennon.flows.upkeep.environments import Compared, Rule, settings_of
from pennon.flows.world import World
from pennon.forge import Definition, Label, PlanError, Protection, Settings, Variable

Setting = Label | Variable | Protection | Definition
Places = dict[str, Environment]


@dataclass(frozen=True)
class Part:
    """What is found of one kind of settings, and what to set for each name."""

    found: Compared
    wanted: Mapping[str, Setting]


def repo(world: World, *, apply: bool = False) -> Compared:
    """What `apply` changes (or would), which rules hold, and what is left alone.

    All is read before anything is set; what was set before an interruption differs no more, so
    that the next time goes on. Raises ConfigError for the files, ForgeError for a forge without
    settings or a token that may not change them.
    """
    files, places = _read(world)
    settings = settings_of(world)
    parts = list(_parts(files, places, settings))
    found = [_set_up(world, settings, it) if apply else it.found for it in parts]
    return Compared(
        changes=tuple(chain.from_iterable(it.changes for it in found)),
        rules=tuple(chain.from_iterable(it.rules for it in found)),
        alone=tuple(chain.from_iterable(it.alone for it in found)),
    )


def _read(world: World) -> tuple[RepositorySettings, Places]:
    problems: list[Problem] = []
    files, places = RepositorySettings({}), Places()
    try:
        files = upkeep.read_files(world.root)
    except ProblemsError as error:
        problems += error.problems
    try:
        places = world.config().project.environments
    except ProblemsError as error:
        problems += error.problems
    if problems:
        raise ProblemsError(problems)
    return files, places


def _parts(files: RepositorySettings, places: Places, settings: Settings) -> Iterator[Part]:
    """Of labels and variables the forge is only asked where the files speak of them."""
    if files.labels is not None:
        yield _labels(files, settings)
    if files.variables is not None:
        yield _variables(files.variables, settings)
    yield _environments(places, settings)
    yield _rulesets(files, settings)


def _labels(files: RepositorySettings, settings: Settings) -> Part:
    said, there = files.labels or {}, settings.labels()
    found = Compared(
        tuple(upkeep.label_changes(said, there)), alone=tuple(upkeep.alone("label", said, there))
    )
    wanted = {
        name: Label(name=name, color=it.color, description=it.description)
        for name, it in said.items()
    }
    return Part(found, wanted)


def _variables(said: Mapping[str, str], settings: Settings) -> Part:
    there = settings.variables()
    found = Compared(
        tuple(upkeep.variable_changes(said, there)),
        alone=tuple(upkeep.alone("variable", said, there)),
    )
    return Part(found, {name: Variable(name=name, value=it) for name, it in said.items()})


def _environments(places: Places, settings: Settings) -> Part:
    wanted = {name: environments.protection(name, it) for name, it in places.items()}
    try:
        return Part(environments.compared(places, settings), wanted)
    except PlanError as error:
        rules = tuple(upkeep.unkept("environment", name, error) for name in places)
        return Part(Compared((), rules), {})


def _rulesets(files: RepositorySettings, settings: Settings) -> Part:
    there = upkeep.rulesets_of(settings)
    found = upkeep.compared(files.rulesets, there)
    listed = () if isinstance(there, PlanError) else upkeep.definitions(files.rulesets, there)
    return Part(found, {it.name: it for it in listed})


def _set_up(world: World, settings: Settings, part: Part) -> Compared:
    """What was changed. What the plan has not is a rule that is not kept, and stops nothing."""
    refused: dict[str, Rule] = {}
    for kind, name in dict.fromkeys((it.kind, it.name) for it in part.found.changes):
        world.say(f"set up the {kind} {name!r}")
        try:
            _set(settings, part.wanted[name])
        except PlanError as error:
            refused[name] = upkeep.unkept(kind, name, error)
    rules = (it for it in part.found.rules if it.rule not in refused)
    return Compared(
        changes=tuple(it for it in part.found.changes if it.name not in refused),
        rules=(*rules, *refused.values()),
        alone=part.found.alone,
    )


def _set(settings: Settings, it: Setting) -> None:
    match it:
        case Label():
            settings.set_label(it)
        case Variable():
            settings.set_variable(it)
        case Protection():
            settings.protect(it)
        case Definition():
            settings.set_ruleset(it)
        case _:
            assert_never(it)
