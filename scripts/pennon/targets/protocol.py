"""What a deployment target has to do, and the records that it speaks in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import msgspec

from pennon.artifacts.served import Split

Files = dict[str, str]
"""Path below the folder of a model in an environment -> text."""


class Splits(StrEnum):
    """Who gives a version its share of the traffic of an environment."""

    SERVER = "server"  # the version's own server, as a rollout says
    ENGINE = "engine"  # that of the cluster, by the steps of a canary in rollout.yaml
    SETTING = "setting"  # the same, by a percentage in the settings
    NOBODY = "nobody"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The assignment that asks for a deployment; `id` is the object id of its tag."""

    tag: str = ""
    id: str = ""
    actor: str = ""
    reason: str = ""


class Rival(msgspec.Struct, frozen=True, kw_only=True):
    """A challenger with its share of the traffic, beside the version of an order."""

    version: str
    split: Split


class Stride(msgspec.Struct, frozen=True):
    """A step of a canary: percent of the traffic, and the hours that it takes at least."""

    percent: int
    hours: float = 0.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment shall run. `before` is the other version that it ran until now.

    A `rival` is for targets whose server splits the traffic itself. `strides` are for those that
    render: by them an engine of the cluster gives the new version its traffic.
    """

    environment: str
    model: str
    version: str
    port: int
    commit: str = ""
    artifact: str = ""  # digest
    image: str = ""  # with its digest, where the target runs images
    before: str = ""
    assignment: Asked = Asked()
    rival: Rival | None = None
    strides: tuple[Stride, ...] = ()


class Desired(Order, frozen=True, kw_only=True):
    """An order with its bundles: folders that the target may copy, not keep."""

    bundle: Path
    rivals: Path | None = None


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What an environment runs. `changed` is false where it ran that already.

    `why` says what is not known of it: of files without an address nobody was asked.
    """

    version: str
    url: str
    changed: bool
    why: str = ""
    rival: Rival | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a target works: what pennon.yaml says of the environment, and this machine."""

    settings: Mapping[str, Any]
    url: str
    folder: Path  # of targets that keep something on this machine
    bundle: Callable[[], Path]  # of the version; downloaded when it is called
    rivals: Callable[[], Path] | None = None  # of the challenger, likewise
    interpreter: Callable[[Path], Path]  # bundle -> the Python that it needs


class Wrong(msgspec.Struct, frozen=True):
    """A problem of settings, at a key path below them."""

    path: str
    what: str


class Target(Protocol):
    """A kind of place to run, as a module or an object: what `target` of an environment names.

    One that RENDERS writes nothing itself: `apply` gives the files that a flow commits for whoever
    reconciles them, a pure function of order and settings; health is asked at the place's `url`.
    It may have `splits(settings) -> Splits`.
    """

    RENDERS: bool

    def check(self, settings: Mapping[str, Any]) -> list[Wrong]:
        """Every problem of an environment's settings."""

    def apply(self, order: Order, place: Place) -> Running | Files:
        """Run it, or raise TargetError and run what ran before; or the files that say so."""

    def health(self, order: Order, place: Place) -> Running | None:
        """What answers there now, whatever its version; None where nothing does."""
