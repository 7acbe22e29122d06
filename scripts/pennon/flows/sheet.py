"""The ledger as a table for spreadsheets: a row for each event, or finding without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from pennon.flows.versions.events import EventRow, rows
from pennon.registry import ModelState
from pennon.registry.audit import Alarm
from pennon.registry.grammar import parse


class SheetRow(msgspec.Struct, frozen=True):
    """Its fields are the columns. Of several findings each ends with a semicolon but the last."""

    model: str
    event: str
    version: str
    stage: str
    actor: str
    when: str
    reason: str
    verdict: str
    tag: str
    findings: str


def sheet(state: ModelState, alarms: Iterable[Alarm]) -> list[SheetRow]:
    """The events of a model, oldest first, then what is wrong beside them."""
    found: dict[str, list[str]] = defaultdict(list)
    for alarm in alarms:
        found[alarm.tag].append(f"{alarm.code}: {alarm.what}")
    told = [_row(state.model, row, found.pop(row.tag, [])) for row in rows(state.events)]
    return [*told, *(_finding(state.model, tag, wrong) for tag, wrong in found.items())]


def _row(model: str, it: EventRow, findings: list[str]) -> SheetRow:
    return SheetRow(
        model=model,
        event=it.event,
        version=it.version,
        stage=it.stage,
        actor=it.by,
        when=it.at,
        reason=it.why,
        verdict=it.verdict,
        tag=it.tag,
        findings="; ".join(findings),
    )


def _finding(model: str, tag: str, findings: list[str]) -> SheetRow:
    """A tag that is no event, or (by the model's name) an event that is gone."""
    name = parse(tag)
    return SheetRow(
        model=model,
        event="finding",
        version=str(name.version or "") if name else "",
        stage=name.stage if name else "",
        actor="",
        when="",
        reason="",
        verdict="",
        tag=tag if name else "",
        findings="; ".join(findings),
    )
