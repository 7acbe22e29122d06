"""Read everything a model repository says about itself, and look for what cannot work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pennon.config import GATES, PROJECT, Config, Problem, ProblemsError
from pennon.config.intake import gaps, read_intake
from pennon.config.risk import missing
from pennon.errors import PennonError
from pennon.evaluation import QUALITIES
from pennon.evaluation import check as check_metric
from pennon.evaluation.qualities import may_ask
from pennon.evaluation.words import named
from pennon.flows.deployment.places import unsound, unsplit
from pennon.flows.registration.numbering import FIRST
from pennon.flows.security import outdated
from pennon.flows.upkeep.dictionary import stale
from pennon.flows.upkeep.principles import unkept
from pennon.flows.upkeep.pushed import unfit
from pennon.flows.upkeep.settings import read_files
from pennon.flows.world import World
from pennon.registry import EventKind, EventName, check_stage
from pennon.registry.names import refuse_clash


def check(world: World) -> Config:
    """The configuration, if it is sound. Raises ConfigError with every problem."""
    config = world.config()
    problems = [
        *_names(config),
        *_branch(world, config),
        *_metrics(config),
        *_gates(config),
        *_explained(world, config),
        *_code(world, config),
        *_places(config),
        *unkept(world, config),
        *_card(world, config),
        *stale(world, config),
        *outdated(world, config.project),
        *_settings(world),
    ]
    if problems:
        raise ProblemsError(problems)
    return config


def _names(config: Config) -> Iterator[Problem]:
    """Each name alone, and beside those above it: twins but for case, a folder of another."""
    models, stages = list(config.project.models), config.project.stages
    for i, name in enumerate(models):
        event = EventName(kind=EventKind.REGISTER, model=name, version=FIRST)
        others = [f"{other.replace(':', '=')}@{FIRST}" for other in models[:i]]
        yield from _said(f"models.{name}", PROJECT, partial(refuse_clash, event, others))
    for i, stage in enumerate(stages):
        event = EventName(kind=EventKind.ASSIGN, model=models[0], stage=stage, counter=1)
        others = [f"{models[0].replace(':', '=')}#{other}#1" for other in stages[:i]]
        yield from _said(f"stages[{i}]", PROJECT, partial(check_stage, stage))
        yield from _said(f"stages[{i}]", PROJECT, partial(refuse_clash, event, others))


def _branch(world: World, config: Config) -> Iterator[Problem]:
    """A pull request's branch; what a fork calls its own is not ours to rule."""
    pull = world.runner.event.pull
    if pull and not pull.from_fork:
        for what in unfit(pull.branch, config.project.naming):
            yield Problem(PROJECT, "naming.branches", what)


def _metrics(config: Config) -> Iterator[Problem]:
    for name, model in config.project.models.items():
        for metric in (model.metric, *model.metrics):
            at = f"models.{name}.metric"
            yield from _said(at, PROJECT, partial(check_metric, metric, model.task))


def _explained(world: World, config: Config) -> Iterator[Problem]:
    """Whoever is stopped by a gate has to find out why, and from whom."""
    whole = config.gates
    for i, gate in enumerate(whole.gates):
        at, page = f"gates[{i}]", gate.page or whole.page
        if not (gate.owner or whole.owner):
            what = f"gate {gate.id!r} has none: name who answers for it, or one for the whole file"
            yield Problem(GATES, f"{at}.owner", what)
        if not page:
            what = f"gate {gate.id!r} has none: name a file or an address that explains it"
            yield Problem(GATES, f"{at}.page", what)
        elif "://" not in page and gate.id not in _text(world.root / page):
            yield Problem(GATES, f"{at}.page", f"{page} says nothing of gate {gate.id!r}")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _gates(config: Config) -> Iterator[Problem]:
    for i, gate in enumerate(config.gates.gates):
        at = f"gates[{i}]"
        yield from _said(f"{at}.metric", GATES, partial(named, gate.metric))
        if gate.metric in QUALITIES and not may_ask(gate):
            what = f"{gate.metric} cannot be compared with the {gate.than}: its rule is min or max"
            yield Problem(GATES, at, what)
        where = "sensitive columns" if gate.metric in QUALITIES else "slices"
        for name, model in config.project.models.items():
            slices = tuple(cut.name for cut in model.cuts)
            known = model.sensitive if gate.metric in QUALITIES else slices
            applies = not gate.models or name in gate.models
            if applies and gate.slice is not None and gate.slice not in known:
                what = f"{gate.slice!r} is not among the {where} of {name} in {PROJECT}"
                yield Problem(GATES, f"{at}.slice", what)


def _code(world: World, config: Config) -> Iterator[Problem]:
    """Does the file exist that a reference names? Its code is not run: that is training's part."""
    for name, model in config.project.models.items():
        named = {"estimator": model.estimator, "features": model.features}
        named |= {f"slices[{i}].function": cut.function for i, cut in enumerate(model.cuts)}
        named |= {"costs.function": model.costs.function if model.costs else None}
        for key, reference in named.items():
            if reference is None:
                continue
            path = reference.partition(":")[0].replace(".", "/")
            places = [f"{config.project.source}/{path}{end}" for end in (".py", "/__init__.py")]
            if not any((world.root / place).is_file() for place in places):
                yield Problem(PROJECT, f"models.{name}.{key}", f"there is no file {places[0]}")


def _places(config: Config) -> Iterator[Problem]:
    """What a target is asked for can be told where the target itself can be."""
    found = list(unsound(config))
    yield from found or unsplit(config)


def _card(world: World, config: Config) -> Iterator[Problem]:
    """What the model cards lack that only people can say, and what the risk that they name asks."""
    try:
        intake = read_intake(world.read_text)
    except ProblemsError as error:
        yield from error.problems
        return
    yield from gaps(intake, config.project)
    yield from missing(intake.use_case.risk if intake.use_case else None, config)


def _settings(world: World) -> Iterator[Problem]:
    """Files that `pennon repo` would refuse."""
    try:
        read_files(world.root)
    except ProblemsError as error:
        yield from error.problems


def _said(at: str, file: str, question: Callable[[], object]) -> Iterator[Problem]:
    """The problem that a checking function raises, if it does."""
    try:
        question()
    except PennonError as error:
        yield Problem(file, at, str(error))
