"""The settings of a repository on its forge, as files: labels, variables, rulesets. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from pennon.config.parse import Problem, ProblemsError, document, faults
from pennon.config.project import Record

SETTINGS = ".github/repository.yml"
RULESETS = ".github/rulesets"

Json = dict[str, Any]
Words = Annotated[str, msgspec.Meta(min_length=1)]
Color = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{6}$", description="such as b60205, in quotes")
]

_EXPORTED = (
    *("id", "node_id", "source", "source_type", "created_at", "updated_at"),
    *("current_user_can_bypass", "_links"),
)
"""What GitHub adds where it exports a ruleset, and nobody can set."""
_VARIABLE = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*", re.IGNORECASE)


class Label(Record, frozen=True, kw_only=True):
    """Without a description that of the forge stays."""

    color: Color
    description: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class Sheet(Record, frozen=True, kw_only=True):
    """The file repository.yml. A part that it has not is no business of ours."""

    labels: dict[Words, Label] | None = None
    variables: dict[str, Words] | None = None


class Rule(Record, frozen=True, kw_only=True):
    type: Words
    parameters: Json = msgspec.field(default_factory=dict)


class Refs(Record, frozen=True, kw_only=True):
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()


class Conditions(Record, frozen=True, kw_only=True):
    ref_name: Refs


class Actor(Record, frozen=True, kw_only=True):
    actor_type: Words
    actor_id: int | None = None
    bypass_mode: Words = "always"


class RulesetFile(Record, frozen=True, kw_only=True):
    """What GitHub's REST API takes, and its settings export."""

    name: Words
    enforcement: Literal["active", "evaluate", "disabled"]
    rules: tuple[Rule, ...]
    target: Literal["branch", "tag", "push"] = "branch"
    conditions: Conditions | None = None
    bypass_actors: tuple[Actor, ...] = ()


class RepositorySettings(msgspec.Struct, frozen=True):
    """`rulesets` are as their files say, by name. None: the files do not speak of it."""

    rulesets: Mapping[str, Json]
    labels: Mapping[str, Label] | None = None
    variables: Mapping[str, str] | None = None


def read_settings(files: Mapping[str, bytes]) -> RepositorySettings:
    """The settings that the files ask for. Raises ProblemsError with every problem of all."""
    problems: list[Problem] = []
    plain: dict[str, Json] = {}
    for file, content in files.items():
        try:
            plain[file] = (_sheet if file == SETTINGS else _ruleset)(content, file)
        except ProblemsError as error:
            problems += error.problems
    sheet = msgspec.convert(plain.pop(SETTINGS, {}), Sheet)
    problems += _twice(plain)
    if problems:
        raise ProblemsError(problems)
    rulesets = {it["name"]: it for it in plain.values()}
    return RepositorySettings(rulesets, sheet.labels, sheet.variables)


def _sheet(content: bytes, file: str) -> Json:
    """A part without entries is there all the same."""
    said = document(_text(content, file), file)
    said = {} if said is None else said
    if isinstance(said, dict):
        said = {name: {} if it is None else it for name, it in said.items()}
    problems = [Problem(file, path, what) for path, what in faults(said, Sheet)]
    if isinstance(said, dict):
        problems += _names(said, file)
    if problems:
        raise ProblemsError(problems)
    return dict(said)


def _names(said: Json, file: str) -> Iterator[Problem]:
    for part in ("labels", "variables"):
        names = said.get(part)
        yield from _twins(part, names if isinstance(names, dict) else (), file)
    variables = said.get("variables")
    for name in variables if isinstance(variables, dict) else ():
        if not _VARIABLE.fullmatch(str(name)):
            what = "letters, digits and _ make a name; no digit begins it, and not GITHUB_"
            yield Problem(file, f"variables.{name}", what)


def _twins(part: str, names: Iterable[object], file: str) -> Iterator[Problem]:
    """The forge takes them for one."""
    known: dict[str, object] = {}
    for name in names:
        other = known.setdefault(str(name).casefold(), name)
        if other != name:
            yield Problem(file, f"{part}.{name}", f"is {other!r} in other letters")


def _ruleset(content: bytes, file: str) -> Json:
    try:
        said = json.loads(_text(content, file))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ProblemsError([Problem(file, where, f"not JSON: {error.msg}")]) from None
    if isinstance(said, dict):
        said = {name: it for name, it in said.items() if name not in _EXPORTED}
    if problems := [Problem(file, path, what) for path, what in faults(said, RulesetFile)]:
        raise ProblemsError(problems)
    return dict(said)


def _twice(rulesets: Mapping[str, Json]) -> Iterator[Problem]:
    known: dict[str, str] = {}
    for file, it in rulesets.items():
        other = known.setdefault(it["name"], file)
        if other != file:
            yield Problem(file, "name", f"{it['name']!r} is the name of {other}, too")


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ProblemsError([Problem(file, "", f"not UTF-8: byte {error.start}")]) from None
