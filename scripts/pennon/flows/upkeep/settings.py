"""The files of a repository's settings beside what its forge keeps: what differs, what holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pennon.config.settings import RULESETS, SETTINGS, RepositorySettings, read_settings
from pennon.config.settings import Label as Said
from pennon.flows.upkeep.containment import differences, merged, spoken
from pennon.flows.upkeep.environments import Alone, Change, Compared, Rule
from pennon.forge import Definition, Label, PlanError, Settings, Variable

WHOLE = "repository"
"""Whose rule it is that is no environment's."""
_BYPASS = "bypass_actors"
_MISSING = "missing"
Files = Mapping[str, Mapping[str, Any]]


def read_files(root: Path) -> RepositorySettings:
    """Raises ProblemsError with every problem of all files."""
    found = [root / SETTINGS, *sorted((root / RULESETS).glob("*.json"))]
    there = {it.relative_to(root).as_posix(): it for it in found if it.is_file()}
    return read_settings({name: file.read_bytes() for name, file in there.items()})


def rulesets_of(settings: Settings) -> dict[str, Definition] | PlanError:
    """Those of the repository itself; the refusal where the plan of its owner has none."""
    try:
        return settings.rulesets()
    except PlanError as error:
        return error


def compared(wanted: Files, there: dict[str, Definition] | PlanError) -> Compared:
    """The rulesets. Without any on the plan they are rules that nobody keeps. Pure."""
    if isinstance(there, PlanError):
        return Compared((), tuple(unkept("ruleset", name, there) for name in wanted))
    return Compared(
        changes=tuple(ruleset_changes(wanted, there)),
        rules=tuple(_rules(wanted, there)),
        alone=tuple(Alone("ruleset", name) for name in there if name not in wanted),
    )


def unkept(kind: str, name: str, error: PlanError) -> Rule:
    of, rule = (name, kind) if kind == "environment" else (WHOLE, name)
    return Rule(of, rule, enforced=False, why=f"only recorded: {error.hint}")


def ruleset_changes(wanted: Files, there: Mapping[str, Definition]) -> Iterator[Change]:
    """Pure. Who may bypass a ruleset is compared where we may see it."""
    for name, asked in wanted.items():
        if name not in there:
            what = f"{_MISSING} → {asked['enforcement']}: {spoken(asked['rules'])}"
            yield Change("ruleset", name, what)
            continue
        has = there[name].said
        seen = {key: it for key, it in asked.items() if key != _BYPASS or key in has}
        for path, what in differences(seen, has):
            yield Change("ruleset", name, f"{path}: {what}")


def definitions(wanted: Files, there: Mapping[str, Definition]) -> Iterator[Definition]:
    """What to send: GitHub forgets the parameters of a rule that are left out. Pure."""
    for name, asked in wanted.items():
        has = there[name].said if name in there else {}
        said = {key: merged(it, has.get(key)) for key, it in asked.items()}
        yield Definition(name=name, said=said)


def label_changes(wanted: Mapping[str, Said], there: Mapping[str, Label]) -> Iterator[Change]:
    """Pure. A name means the same in any case of letters."""
    known = {name.casefold(): it for name, it in there.items()}
    for name, asked in wanted.items():
        has = known.get(name.casefold())
        if has is None:
            what = ", ".join(filter(None, (asked.color, asked.description)))
            yield Change("label", name, f"{_MISSING} → {what}")
            continue
        if asked.color.casefold() != has.color.casefold():
            yield Change("label", name, f"color: {has.color} → {asked.color}")
        if asked.description not in {None, has.description}:
            what = f"{has.description or 'none'} → {asked.description or 'none'}"
            yield Change("label", name, f"description: {what}")


def variable_changes(wanted: Mapping[str, str], there: Mapping[str, Variable]) -> Iterator[Change]:
    """Pure. The same for names."""
    known = {name.casefold(): it for name, it in there.items()}
    for name, value in wanted.items():
        has = known.get(name.casefold())
        if has is None or has.value != value:
            before = _MISSING if has is None else has.value
            yield Change("variable", name, f"{before} → {value}")


def alone(kind: str, wanted: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[Alone]:
    """What the forge has, and no file names."""
    known = {name.casefold() for name in wanted}
    return (Alone(kind, name) for name in there if name.casefold() not in known)


def _rules(wanted: Files, there: Mapping[str, Definition]) -> Iterator[Rule]:
    for name, asked in wanted.items():
        how = asked["enforcement"]
        held = how == "active"
        yield Rule(WHOLE, name, held, "GitHub" if held else f"only recorded: it is {how}")
        if _BYPASS in asked and name in there and _BYPASS not in there[name].said:
            why = "only who may change a ruleset is told"
            yield Rule(WHOLE, f"{name}: who may bypass it", None, why)
