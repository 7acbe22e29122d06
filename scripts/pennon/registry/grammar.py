"""The tag grammar of GTO 1.10: names to events and back. Pure text."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import total_ordering

import msgspec

from pennon.errors import RegistryError

_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9\-/_]*[a-zA-Z0-9])?"
_PRE = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_SEMVER = (
    r"v(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?P<patch>0|[1-9]\d*)"
    rf"(?:-(?P<pre>{_PRE}(?:\.{_PRE})*))?(?:\+(?P<build>[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?"
)
_MODEL = rf"(?P<model>{_NAME}(?:={_NAME})?)"
_COUNTER = r"(?:#(?P<counter>\d+))?"
_TAGS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_MODEL}@deprecated{_COUNTER}",
        rf"{_MODEL}@(?P<version>{_SEMVER})(?P<cancel>!?){_COUNTER}",
        rf"{_MODEL}#(?P<stage>{_NAME})(?P<cancel>!?){_COUNTER}",
    )
)
_CASE_OR_GIT = re.compile(r"\.\.|//|\.lock(?:/|$)")


class EventKind(StrEnum):
    """What a tag says happened."""

    REGISTER = "register"
    RETIRE = "retire"  # a version
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    RETIRE_MODEL = "retire-model"


@total_ordering
class Version(msgspec.Struct, frozen=True, eq=False):
    """A semantic version with its `v`; compared by SemVer's precedence."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.text == other.text

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    @property
    def _key(self) -> tuple[object, ...]:
        match = re.fullmatch(_SEMVER, self.text)
        assert match is not None  # noqa: S101  only `version` makes these
        numbers = tuple(int(match[part]) for part in ("major", "minor", "patch"))
        pre = match["pre"]
        parts = tuple(_identifier(part) for part in pre.split(".")) if pre else ()
        return (numbers, not pre, parts, match["build"] or "")

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


def _identifier(part: str) -> tuple[bool, int, str]:
    """SemVer 11.4: numbers below words, numbers by value."""
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


class EventName(msgspec.Struct, frozen=True, kw_only=True):
    """A tag name, taken apart. `counter` is None in GTO's simple form."""

    kind: EventKind
    model: str
    version: Version | None = None
    stage: str = ""
    counter: int | None = None


def parse(tag: str) -> EventName | None:
    """The event that `tag` names; None where it is not a registry tag at all."""
    for pattern in _TAGS:
        match = pattern.fullmatch(tag)
        if match:
            return _event(match.groupdict())
    return None


def _event(parts: dict[str, str | None]) -> EventName:
    version, stage, cancel = parts.get("version"), parts.get("stage"), parts.get("cancel")
    if version:
        kind = EventKind.RETIRE if cancel else EventKind.REGISTER
    elif stage:
        kind = EventKind.UNASSIGN if cancel else EventKind.ASSIGN
    else:
        kind = EventKind.RETIRE_MODEL
    counter = parts.get("counter")
    return EventName(
        kind=kind,
        model=str(parts["model"]).replace("=", ":"),
        version=Version(version) if version else None,
        stage=stage or "",
        counter=int(counter) if counter else None,
    )


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
    """`name` if GTO, git and a case-insensitive disk can all hold it. Raises RegistryError."""
    return _checked(name, rf"{_NAME}(?::{_NAME})?", "model")


def check_stage(name: str) -> str:
    """The same for the name of a stage."""
    return _checked(name, _NAME, "stage")


def _checked(name: str, pattern: str, what: str) -> str:
    if not re.fullmatch(pattern, name) or _CASE_OR_GIT.search(name):
        raise RegistryError(
            f"{name!r} cannot name a {what}",
            hint="letters, digits, - _ and single / between them; a letter or digit at both ends",
        )
    return name
