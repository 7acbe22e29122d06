"""The registry: git tags as an append-only ledger of versions and stages.

What every reader needs is here; writing is in registry.write, the audit in registry.audit, the
overview of all models in registry.summary: imported where they are used, for start-up's sake.
"""

from pennon.registry.grammar import EventKind, EventName, Version, check_model, check_stage, version
from pennon.registry.payload import (
    Assignment,
    BaseModel,
    DatasetRef,
    Engine,
    Field,
    Manifest,
    Measured,
    Registration,
    Retirement,
    RunInfo,
    RunKind,
    Signature,
)
from pennon.registry.payloads import assignments, registration, registrations
from pennon.registry.read import (
    bring,
    read,
    read_all_remote,
    read_local,
    read_model,
    read_remote,
    resolve,
)
from pennon.registry.reference import Reference, reference
from pennon.registry.state import Event, Finding, ModelState

__all__ = [
    "Assignment",
    "BaseModel",
    "DatasetRef",
    "Engine",
    "Event",
    "EventKind",
    "EventName",
    "Field",
    "Finding",
    "Manifest",
    "Measured",
    "ModelState",
    "Reference",
    "Registration",
    "Retirement",
    "RunInfo",
    "RunKind",
    "Signature",
    "Version",
    "assignments",
    "bring",
    "check_model",
    "check_stage",
    "read",
    "read_all_remote",
    "read_local",
    "read_model",
    "read_remote",
    "reference",
    "registration",
    "registrations",
    "resolve",
    "version",
]
