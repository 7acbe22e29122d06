"""The registry: git tags as an append-only ledger of versions and stages."""

from pennon.registry.audit import Alarm, Known, audit, chain, unusable
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
from pennon.registry.summary import Summary, summaries
from pennon.registry.write import NewEvent, Written, append

__all__ = [
    "Alarm",
    "Assignment",
    "DatasetRef",
    "Event",
    "EventKind",
    "EventName",
    "Field",
    "Finding",
    "Known",
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
    "Summary",
    "Version",
    "Written",
    "append",
    "assignments",
    "audit",
    "bring",
    "chain",
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
    "summaries",
    "unusable",
    "version",
]
