"""What an event tag says below its subject: frozen records, as YAML both ways."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from pennon.errors import RegistryError

SUBJECTS = {
    "register": "Registering artifact {model} version {version}",
    "retire": "Deregistering artifact {model} version {version}",
    "assign": "Assigning stage {stage} to artifact {model} version {version}",
    "unassign": "Unassigning stage '{stage}' to artifact '{model}' version '{version}'",
    "retire-model": "Deprecating artifact '{model}'",
}
"""GTO's own sentences, word for word."""


class RunKind(StrEnum):
    """Why a run was made. Only candidates and retrainings may become versions."""

    EXPERIMENT = "experiment"
    CANDIDATE = "candidate"
    RETRAIN = "retrain"


class DatasetRef(msgspec.Struct, frozen=True, kw_only=True):
    """The data of a version. Digests are `sha256:<hex>`; `rows` counts the whole source."""

    name: str
    content: str
    schema: str
    rows: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A metric on the holdout with its interval."""

    value: float
    low: float
    high: float


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a signature; `type` is a contract type, `optional` may be empty."""

    name: str
    type: str
    optional: bool = False


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What a request brings and what an answer holds."""

    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where and by whom a candidate was made. Times are RFC 3339, UTC."""

    kind: RunKind
    actor: str
    at: str
    url: str = ""
    branch: str = ""
    pull: int | None = None
    seconds: float = 0.0


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """What a version scores with: `kind` (sklearn, onnx, command), and `why` it is no other.

    A compiled form, the release's `file`, was compared with scikit-learn on `rows` sealed rows:
    the largest `difference` (of probabilities, or of values in units of the target's standard
    deviation), `flips` of labels, and the seconds that each takes for one row's features.
    `rowwise`: a row is predicted the same alone as among others.
    """

    kind: str = "sklearn"
    file: str = ""
    difference: float = 0.0
    flips: int = 0
    rows: int = 0
    seconds: float = 0.0
    exact_seconds: float = 0.0
    rowwise: bool = False
    why: str = ""


class BaseModel(msgspec.Struct, frozen=True, kw_only=True):
    """The file that a training began with, as pennon.yaml named it."""

    uri: str
    digest: str
    licence: str = ""
    about: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The lineage of a version: all that is needed to know it, load it and make it again."""

    model: str
    task: str
    commit: str
    artifact: str  # sha256:<hex> of the artifact
    size: int  # bytes of the artifact
    recipe: str  # digest of code, params, data, environment and the model's configuration
    data: tuple[DatasetRef, ...]
    holdout: str  # digest of the sealed keys
    holdout_rows: int
    train_rows: int
    sample: bool
    params: dict[str, Any]
    params_digest: str
    environment: str  # digest of requirements.lock
    python: str
    libraries: dict[str, str]
    signature: Signature
    metrics: dict[str, Measured]
    files: dict[str, str]  # the other files of its release -> digest; evaluation.json among them
    run: RunInfo
    pennon: str
    seed: int = 0
    holdout_rule: str = ""  # digest of how rows are sealed: which ones are when the data grows
    file: str = "model.skops"  # the artifact's name in the release
    engine: Engine = Engine()
    store: str = "release"  # where the artifact lies: its release, or the address of a store
    base_model: BaseModel | msgspec.UnsetType = msgspec.UNSET  # not there for one from nothing


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a version tag."""

    version: str
    why: str = ""  # which part of the version moved, and the reason
    manifest: Manifest
    previous: str | None = None  # object id of the model's previous event tag


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a rollout, which begins with the assignment that says so.

    `live` is the version it is compared with; `plan` the digest of its part of rollout.yaml.
    """

    step: int  # from 1
    share: float
    live: str
    plan: str


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of an assignment tag. `verdict` is the digest of what the gates said."""

    version: str
    stage: str
    reason: str
    actor: str
    verdict: str = ""
    artifact: str = ""
    approvals: tuple[str, ...] = ()
    rollback: bool = False
    traffic: Traffic | msgspec.UnsetType = msgspec.UNSET  # where it says nothing, it is not there
    previous: str | None = None


class Retirement(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a tag that retires a version or its model, or ends the hold of a stage."""

    version: str = ""  # none where it is the model that retires
    reason: str
    actor: str
    stage: str = ""
    previous: str | None = None


Payload = Registration | Assignment | Retirement
P = TypeVar("P", Registration, Assignment, Retirement)


def message(event: str, payload: Payload, model: str) -> str:
    """GTO's own sentence, a blank line, and the payload."""
    facts = msgspec.to_builtins(payload)
    subject = SUBJECTS[event].format(
        model=model, version=payload.version, stage=getattr(payload, "stage", "")
    )
    from pennon.registry.document import dump  # noqa: PLC0415  start-up: few readers parse

    return f"{subject}\n\n{dump(facts)}"


def parse(text: str, kind: type[P], tag: str) -> P:
    """The payload of the tag message `text`. Raises RegistryError where it holds none."""
    from pennon.registry.document import load  # noqa: PLC0415  as above

    _, _, body = text.partition("\n\n")
    try:
        return msgspec.convert(load(body), kind)
    except ValueError as error:  # msgspec's is one, too
        raise RegistryError(f"tag {tag} has no readable {kind.__name__.lower()}: {error}") from None
