"""What a forge keeps of a repository itself: records, and the Protocol that reads and sets them."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from pennon.errors import ForgeError


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of an environment on the forge; None is left as it is.

    `reviewers` are handles, `branches` and `tags` the patterns of what may deploy there.
    """

    name: str
    reviewers: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None


class Hosting(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which rules a forge enforces. `plan` is its owner's, empty where unknown."""

    private: bool
    plan: str


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What issues and pull requests are sorted by. `description`: None is left as it is."""

    name: str
    color: str  # six hexadecimal digits
    description: str | None = None


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """What workflows read as `vars`. It is no secret."""

    name: str
    value: str


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset, whole, in the words of GitHub's REST API: `target`, `conditions`, `rules`, …"""

    name: str
    said: dict[str, Any]


class PlanError(ForgeError):
    """The plan of the repository's owner has no such rule; `hint` is the forge's own sentence."""


class Settings(Protocol):
    """What a forge keeps of a repository itself. Every method may raise ForgeError.

    What makes one thing, or changes it, may do so again: it looks first.
    """

    def hosting(self) -> Hosting: ...

    def rulesets(self) -> dict[str, Definition]:
        """The repository's own, by name. Without `bypass_actors` where we may not see them."""

    def set_ruleset(self, wanted: Definition) -> None: ...

    def labels(self) -> dict[str, Label]: ...

    def set_label(self, wanted: Label) -> None: ...

    def variables(self) -> dict[str, Variable]: ...

    def set_variable(self, wanted: Variable) -> None: ...

    def environments(self) -> dict[str, Protection]:
        """By name, with nothing left open."""

    def protect(self, wanted: Protection) -> None:
        """Make the environment, or change its rules, so that they are these."""
