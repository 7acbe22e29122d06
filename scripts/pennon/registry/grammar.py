"""The tag grammar of GTO 1.10: names to events and back. Pure text; see docs/registry.md."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache, total_ordering

import msgspec

from pennon.errors import RegistryError

_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9\-/_]*[a-zA-Z0-9])?"
_FOLDER = r"[a-zA-Z0-9\-_./]+"
_PRE = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER = (
    r"v(?P<major>0|[1-9][0-9]*)\.(?P<minor>0|[1-9][0-9]*)\.(?P<patch>0|[1-9][0-9]*)"
    rf"(?:-(?P<pre>{_PRE}(?:\.{_PRE})*))?(?:\+(?P<build>[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"
)
_TAG = re.compile(
    rf"(?P<model>(?:{_FOLDER}=)?{_NAME})"
    rf"(?:#(?P<stage>{_NAME})(?P<left>!?)|@(?P<version>{_SEMVER})(?P<retired>!?)|@deprecated)"
    r"(?:#(?P<counter>[0-9]+))?"
)
_LONGEST_TAG = 1000
"""Python turns no number of more than 4,300 digits into an int: such a tag takes GTO down."""
_NOT_FOR_GIT = re.compile(r"\.\.|//|(?:^|/)\.|^[-/]|\.lock/|[^/]{101}")
"""The last: model, stage, version and counter share a file's name of at most 255 bytes."""


class EventKind(StrEnum):
    """What a tag says happened."""

    REGISTER = "register"
    RETIRE = "retire"  # a version
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    RETIRE_MODEL = "retire-model"


@total_ordering
class Version(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A semantic version with its `v`; compared by SemVer's precedence."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.text == other.text

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    @property
    def precedence(self) -> tuple[object, ...]:
        """SemVer 11: what comes after the plus does not count."""
        return self._key[:-1]

    @property
    def _key(self) -> tuple[object, ...]:
        return _key(self.text)

    def bump(self, part: str) -> Version:
        """The next `major`, `minor` or `patch`. A pre-release's own release counts as its next."""
        major, minor, patch = (int(number) for number in re.findall(r"\d+", self.text)[:3])
        match part:
            case "major":
                return Version(f"v{major + 1}.0.0")
            case "minor":
                return Version(f"v{major}.{minor + 1}.0")
            case _:
                return Version(f"v{major}.{minor}.{patch + 1}")


@lru_cache(maxsize=1 << 14)
def _key(text: str) -> tuple[object, ...]:
    match = re.fullmatch(_SEMVER, text)
    assert match is not None  # noqa: S101  only `version` makes these
    numbers = tuple(int(match[part]) for part in ("major", "minor", "patch"))
    pre = match["pre"]
    parts = tuple(_identifier(part) for part in pre.split(".")) if pre else ()
    return (numbers, not pre, parts, match["build"] or "")


def _identifier(part: str) -> tuple[bool, int, str]:
    """SemVer 11.4: numbers below words, numbers by value."""
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


class EventName(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A tag name, taken apart. `counter` is None in GTO's simple form."""

    kind: EventKind
    model: str
    version: Version | None = None
    stage: str = ""
    counter: int | None = None


def parse(tag: str) -> EventName | None:
    """The event that `tag` names; None where it is not a registry tag at all."""
    match = _TAG.fullmatch(tag) if len(tag) <= _LONGEST_TAG else None
    if match is None:
        return None
    stage, version, counter = match.group("stage", "version", "counter")
    return EventName(
        kind=_kind(match),
        model=match["model"].replace("=", ":"),
        version=Version(version) if version else None,
        stage=stage or "",
        counter=int(counter) if counter else None,
    )


def _kind(match: re.Match[str]) -> EventKind:
    if match["stage"]:
        return EventKind.UNASSIGN if match["left"] else EventKind.ASSIGN
    if match["version"]:
        return EventKind.RETIRE if match["retired"] else EventKind.REGISTER
    return EventKind.RETIRE_MODEL


def tag_name(event: EventName) -> str:
    """The inverse of `parse`: the tag that says this event."""
    model = event.model.replace(":", "=")
    counter = "" if event.counter is None else f"#{event.counter}"
    match event.kind:
        case EventKind.REGISTER:
            return f"{model}@{event.version}{counter}"
        case EventKind.RETIRE:
            return f"{model}@{event.version}!{counter}"
        case EventKind.ASSIGN:
            return f"{model}#{event.stage}{counter}"
        case EventKind.UNASSIGN:
            return f"{model}#{event.stage}!{counter}"
        case EventKind.RETIRE_MODEL:
            return f"{model}@deprecated{counter}"


def version(text: str) -> Version:
    """`v1.4.0`, or `1.4.0` as people type it. Raises RegistryError for anything else."""
    full = text if text.startswith("v") else f"v{text}"
    if not re.fullmatch(_SEMVER, full):
        raise RegistryError(f"{text!r} is not a version", hint="versions look like v1.4.0")
    return Version(full)


def check_model(name: str) -> str:
    """`name` if GTO, git and a file system can all hold it. Raises RegistryError."""
    return _checked(name, rf"(?:{_FOLDER}:)?{_NAME}", "model")


def check_stage(name: str) -> str:
    """The same for the name of a stage."""
    return _checked(name, _NAME, "stage")


def _checked(name: str, pattern: str, what: str) -> str:
    if not re.fullmatch(pattern, name) or _NOT_FOR_GIT.search(name.replace(":", "=")):
        raise RegistryError(
            f"{name!r} cannot name a {what}",
            hint="letters, digits, - _ and single / between them; a letter or digit at both ends; "
            "at most 100 of them between slashes",
        )
    return name
