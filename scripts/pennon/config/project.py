"""pennon.yaml: the models of a repository, their stages and environments."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
WebAddress = Annotated[str, msgspec.Meta(pattern=r"^(?:https?://\S+[^/\s])?$")]
Handle = Annotated[str, msgspec.Meta(pattern=r"^@[\w-]+(?:/[\w.-]+)?$")]
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


class EngineChoice(StrEnum):
    """Which engine a version shall have."""

    AUTO = "auto"  # the compiled one where it converts, is equal and is faster
    SKLEARN = "sklearn"  # scikit-learn itself
    ONNX = "onnx"  # the compiled one, or no registration


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


class EngineRule(Record, frozen=True, kw_only=True):
    """Which engine answers for a version, and how far a compiled one may be from the model.

    `difference` is of probabilities, or of values in units of the target's standard deviation;
    `flips` counts the sealed rows that may change sides at the threshold.
    """

    kind: EngineChoice = EngineChoice.AUTO
    difference: Annotated[float, msgspec.Meta(ge=0)] = 1e-5
    flips: Annotated[int, msgspec.Meta(ge=0)] = 0


class BaseModel(Record, frozen=True, kw_only=True):
    """A file that trainings start from, such as pre-trained weights. Its digest says which one."""

    uri: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[a-z][a-z0-9+]*://(?![^/]*:[^/]*@)(?!.*::)[^\s?#]*/(?!\.)[^/\s?#]+$",
            description="the address of a file, without credentials",
        ),
    ]
    digest: Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
    licence: str = ""
    about: str = ""


class Compute(Record, frozen=True, kw_only=True):
    """On which runner a model is trained for its registration: its label, or several."""

    runner: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


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
    engine: EngineRule = EngineRule()
    base_model: BaseModel | None = None
    promotion: Promotion = Promotion.MANUAL

    @property
    def cuts(self) -> tuple[Slice, ...]:
        """The slices, each with a name."""
        return tuple(Slice(name=it, column=it) if isinstance(it, str) else it for it in self.slices)


class Approval(StrEnum):
    """Who lets a version into an environment, beside the gates."""

    NONE = "none"
    REVIEWERS = "environment-reviewers"  # GitHub holds the job until one of them agrees
    REQUEST = "promotion-pr"  # a merged pull request names the version
    BY_HAND = "manual-dispatch"  # a person starts the deployment, no workflow does


class Requires(Record, frozen=True, kw_only=True):
    """What a version needs for an environment. `labels` are of the pull request it came from."""

    labels: tuple[str, ...] = ()


class Watch(Record, frozen=True, kw_only=True):
    """When a version counts as ill: in each of `probes`, `every` so many seconds.

    `errors` is the share of failed answers from which it does, once there were `requests`.
    """

    probes: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    every: Annotated[float, msgspec.Meta(gt=0, le=600)] = 10.0
    errors: Share = 0.05
    requests: Annotated[int, msgspec.Meta(ge=1)] = 20


class Environment(Record, frozen=True, kw_only=True):
    """Where a stage runs. `after` names the environment that has to be healthy first.

    `port` is that of the first model of pennon.yaml; the next model answers on the next port.
    `url` is where a version answers that pennon does not start itself; `{model}` stands for the
    model's name. `settings` are the target's own, which checks them. `reviewers`, `branches` and
    `tags` are rules of the forge's environment of this name. `latency` is in milliseconds.
    """

    target: str = "local"
    stage: str = "champion"
    after: str | None = None
    port: Port = 8080
    url: WebAddress = ""
    approval: Approval = Approval.NONE
    reviewers: tuple[Handle, ...] = ()
    branches: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    requires: Requires = Requires()
    contract: bool | None = None
    latency: Annotated[float, msgspec.Meta(gt=0)] | None = None
    health: Watch = Watch()
    settings: dict[str, Any] = {}


class Signatures(StrEnum):
    """Whether every event has to be signed."""

    OFF = "off"
    REQUIRED = "required"


Address = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(release|[a-z][a-z0-9+]*://(?![^/]*:[^/]*@)(?!.*::)[^\s?#]+)$",
        description="`release`, or an address without credentials such as s3://bucket/models",
    ),
]


class Registry(Record, frozen=True, kw_only=True):
    """Where new versions keep their artifacts, and what an audit asks of the events.

    `signers` is the file of SSH keys that may sign (as ssh-keygen reads it). `writers` are the git
    names that may write; everybody where it is empty.
    """

    signatures: Signatures = Signatures.OFF
    signers: str = ".github/allowed_signers"
    writers: tuple[str, ...] = ()
    store: Address = "release"


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
    compute: dict[str, Compute] = {}
    source: str = "src"
    owners: tuple[str, ...] = ()

    def stage(self, name: str) -> str:
        """The stage that a name means: its own, or an alias."""
        return self.aliases.get(name, name)
