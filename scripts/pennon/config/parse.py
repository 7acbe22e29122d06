"""YAML text into frozen records, with every problem at once, each at its key path."""

from __future__ import annotations

import re
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
import yaml

from pennon.errors import ConfigError

T = TypeVar("T")


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong in one file, at one key path such as `gates[2].min`."""

    file: str
    path: str
    what: str

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.path}: {self.what}" if self.path else f"{self.file}: {self.what}"
        )


def read(text: str, kind: type[T], file: str) -> T:
    """The record that `text` spells. Raises ConfigError with all problems of the file."""
    data = document(text, file)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        problems = list(_problems(data, kind, "")) or [("", str(error))]
    raise ProblemsError([Problem(file, path, what) for path, what in problems])


def faults(data: Any, kind: Any) -> list[tuple[str, str]]:  # noqa: ANN401  foreign data
    """Where plain values are not a `kind`: key path and what is wrong there."""
    return _problems(data, kind, "")


def document(text: str, file: str) -> Any:  # noqa: ANN401  foreign data comes in here
    """YAML as plain values, dates left as text (msgspec parses them where a record wants one)."""
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  a safe loader, less one resolver
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = f"not YAML: {error.problem or error.context}"
        raise ProblemsError([Problem(file, where, what)]) from None
    except yaml.YAMLError as error:
        raise ProblemsError([Problem(file, "", f"not YAML: {error}")]) from None


class ProblemsError(ConfigError):
    """A ConfigError that keeps its problems, so that those of several files can be told at once."""

    def __init__(self, problems: list[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{count} in the configuration:{lines}")
        self.problems = problems


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """The safe loader, in C where it was built."""


_BOOL, _TIME = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag not in (_BOOL, _TIME)]
    for first, rules in Loader.yaml_implicit_resolvers.items()
}
# YAML 1.2: `no` is Norway, and a date stays text until a record wants one.
Loader.add_implicit_resolver(
    _BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _problems(data: Any, kind: Any, path: str) -> list[tuple[str, str]]:  # noqa: ANN401
    """Where `data` is not a `kind`: recurses as deep as the shapes agree, then lets msgspec say."""
    try:
        msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        inner = _children(data, kind, path)
        found = [problem for child in inner for problem in _problems(*child)]
        if isinstance(data, dict) and _is_struct(kind):
            found += _wrong_keys(data, kind, path)
        return found or [(path, _plain(error))]
    return []


def _children(data: Any, kind: Any, path: str) -> list[tuple[Any, Any, str]]:  # noqa: ANN401
    kind = _sole(kind)
    if _is_struct(kind) and isinstance(data, dict):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        return [(data[name], fields[name], _at(path, name)) for name in data if name in fields]
    arguments = get_args(kind)
    if get_origin(kind) is dict and isinstance(data, dict):
        return [(value, arguments[1], _at(path, name)) for name, value in data.items()]
    if get_origin(kind) in (tuple, list) and isinstance(data, list):
        return [(value, arguments[0], f"{path}[{i}]") for i, value in enumerate(data)]
    return []


def _wrong_keys(data: dict[str, Any], kind: Any, path: str) -> list[tuple[str, str]]:  # noqa: ANN401
    fields = msgspec.structs.fields(_sole(kind))
    names = [field.encode_name for field in fields]
    missing = [f.encode_name for f in fields if f.required and f.encode_name not in data]
    unknown = [str(name) for name in data if name not in names]
    return [(_at(path, name), "required, but missing") for name in missing] + [
        (_at(path, name), f"unknown key (known: {', '.join(names)})") for name in unknown
    ]


def _sole(kind: Any) -> Any:  # noqa: ANN401
    """`X` of `X | None`, of `X | str` and of `Annotated[X, …]`."""
    if get_origin(kind) is Annotated:
        return _sole(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        choices = [choice for choice in get_args(kind) if choice not in (type(None), str)]
        return choices[0] if len(choices) == 1 else kind
    return kind


def _is_struct(kind: Any) -> bool:  # noqa: ANN401
    kind = _sole(kind)
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _at(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _plain(error: msgspec.ValidationError) -> str:
    """Msgspec's sentence without its own path: we have a better one."""
    text = re.sub(r" - at `.*`$", "", str(error))
    return text[0].lower() + text[1:]
