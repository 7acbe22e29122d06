"""The registry: git tags as an append-only ledger of versions and stages."""

from pennon.registry.chain import chain
from pennon.registry.grammar import EventKind, EventName, Version, check_model, check_stage, version
from pennon.registry.payload import (
    Assignment,
    DatasetRef,
    Field,
    Manifest,
    Measured,
    Registration,
    Retirement,
    RunInfo,
    RunKind,
    Signature,
)
from pennon.registry.read import (
    Reference,
    assignments,
    read,
    read_model,
    read_remote,
    reference,
    registration,
    registrations,
    resolve,
)
from pennon.registry.state import Event, Finding, ModelState, previous_holders
from pennon.registry.write import NewEvent, Written, append

__all__ = [
    "Assignment",
    "DatasetRef",
    "Event",
    "EventKind",
    "EventName",
    "Field",
    "Finding",
    "Manifest",
    "Measured",
    "ModelState",
    "NewEvent",
    "Reference",
    "Registration",
    "Retirement",
    "RunInfo",
    "RunKind",
    "Signature",
    "Version",
    "Written",
    "append",
    "assignments",
    "chain",
    "check_model",
    "check_stage",
    "previous_holders",
    "read",
    "read_model",
    "read_remote",
    "reference",
    "registration",
    "registrations",
    "resolve",
    "version",
]
