"""pennon.yaml: the models of a repository, their stages and environments."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Reference = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="package.module:function, importable from the source folder",
    ),
]


class Task(StrEnum):
    CLASSIFICATION = "classification"
    REGRESSION = "regression"


class Promotion(StrEnum):
    """Who starts a promotion after a registration."""

    AUTOMATIC = "automatic"  # the register workflow, once the version exists
    MANUAL = "manual"  # a person, with the promote workflow or command


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration: strict, frozen, by keyword."""


class Slice(Record, frozen=True, kw_only=True):
    """Rows by what they have in common: a column, its `bins`, or what a function calls each row.

    `bins` are the limits between one slice and the next, each belonging to the upper one.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w*$")]
    column: str | None = None
    bins: tuple[float, ...] = ()
    function: Reference | None = None


class Costs(Record, frozen=True, kw_only=True):
    """What the answer to one row costs, in any unit; a gain is a negative cost.

    By its kind, or by a function of the repository: (rows, predictions) -> the cost of each.
    """

    true_positive: float = 0.0
    false_positive: float = 0.0
    true_negative: float = 0.0
    false_negative: float = 0.0
    function: Reference | None = None


Draws = Annotated[int, msgspec.Meta(ge=0, le=100)]
FEWEST_DRAWS = 5
"""Trainings that say something of their spread."""


class Model(Record, frozen=True, kw_only=True):
    """One entry of `models`. `exclude`: columns that no request brings, like another target."""

    task: Task
    dataset: str
    target: str
    metric: str
    estimator: Reference | None = None
    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] | None = None
    features: Reference | None = None
    exclude: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    slices: tuple[str | Slice, ...] = ()
    sensitive: tuple[str, ...] = ()
    costs: Costs | None = None
    draws: Draws = 0
    threshold: Share = 0.5
    seed: int = 0
    trusted: tuple[str, ...] = ()
    promotion: Promotion = Promotion.MANUAL

    @property
    def cuts(self) -> tuple[Slice, ...]:
        """The slices, each with a name."""
        return tuple(Slice(name=it, column=it) if isinstance(it, str) else it for it in self.slices)


class Environment(Record, frozen=True, kw_only=True):
    """Where a stage runs. `after` names the environment that has to be healthy first.

    `port` is that of the first model of pennon.yaml; the next model answers on the next port.
    """

    target: str = "local"
    stage: str = "champion"
    after: str | None = None
    port: Port = 8080


class Signatures(StrEnum):
    """Whether every event has to be signed."""

    OFF = "off"
    REQUIRED = "required"


class Registry(Record, frozen=True, kw_only=True):
    """What an audit asks of the events.

    `signers` is the file of SSH keys that may sign (as ssh-keygen reads it). `writers` are the git
    names that may write; everybody where it is empty.
    """

    signatures: Signatures = Signatures.OFF
    signers: str = ".github/allowed_signers"
    writers: tuple[str, ...] = ()


class Naming(Record, frozen=True, kw_only=True):
    """Regular expressions that a whole name has to match; empty: any name that the registry takes.

    `branches` is for those that are pushed; the default branch may have any name.
    """

    models: str = ""
    branches: str = ""


class Project(Record, frozen=True, kw_only=True):
    """The whole file."""

    kit: Annotated[int, msgspec.Meta(ge=1, le=1)]
    models: Annotated[dict[str, Model], msgspec.Meta(min_length=1)]
    stages: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("challenger", "champion")
    aliases: dict[str, str] = {}  # another word for a stage -> the stage, on the command line
    naming: Naming = Naming()
    environments: dict[str, Environment] = {}
    registry: Registry = Registry()
    source: str = "src"
    owners: tuple[str, ...] = ()

    def stage(self, name: str) -> str:
        """The stage that a name means: its own, or an alias."""
        return self.aliases.get(name, name)
