"""audit, doctor: is the registry what its writers wrote, and is this clone of it sound?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option, model_argument
from pennon.cli.output import emit, table
from pennon.cli.reading import remote_option
from pennon.cli.world import world
from pennon.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pennon.registry import Alarm


@click.command()
@model_argument("audit", required=False)
@click.option("--ledger", is_flag=True, help="The tags alone: do not ask the forge.")
@remote_option
@json_option
def audit(model: str | None, *, ledger: bool, remote: str | None, json: bool) -> None:
    """Hold every event of every model (or of MODEL) to the chain, the forge and the rules.

    Exit code 8 where something is not as it was written.

    Example: pennon audit delay
    """
    from pennon.flows.audit import audit_registry, audit_remote  # noqa: PLC0415  not for doctor

    if remote:
        found = list(audit_remote(remote, model))
    else:
        found = list(audit_registry(world(), model, forge=not ledger))
    alarms = [alarm for it in found for alarm in it.alarms]
    events = sum(it.events for it in found)
    looked = f"{events} events of {len(found)} models"
    emit(found, f"{looked}: sound" if not alarms else _table(alarms), json=json)
    if alarms:
        raise RegistryError(f"{len(alarms)} alarms in {looked}", hint="see the lines above")


@click.command()
@json_option
def doctor(*, json: bool) -> None:
    """Name what is odd about this registry and this clone, each with its way out.

    Exit code 8 where something is. Nothing is changed.

    Example: pennon doctor
    """
    from pennon.flows.doctor import doctor as flow  # noqa: PLC0415  audit needs none of it

    found = flow(world())
    emit(found, _table(found) if found else "sound", json=json)
    if found:
        raise RegistryError(f"{len(found)} findings", hint="see the lines above")


def _table(alarms: Iterable[Alarm]) -> str:
    rows = [(alarm.code, alarm.tag, alarm.what, alarm.fix) for alarm in alarms]
    return table(("FINDING", "TAG", "WHAT", "WAY OUT"), rows)
