"""audit, doctor: is the registry what its writers wrote, and is this clone of it sound?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
import msgspec

from pennon.cli.dossier import findings, page
from pennon.cli.options import json_option
from pennon.cli.output import emit, many
from pennon.cli.reading import asked, remote_option
from pennon.cli.sheet import line
from pennon.cli.world import world
from pennon.errors import RegistryError
from pennon.registry import Reference

if TYPE_CHECKING:
    from pennon.flows.audit import Looked

_ABOVE = "see the lines above"


class _Where(msgspec.Struct, frozen=True):
    """Which ledger is looked at, and whether the forge is asked as well."""

    remote: str | None
    ledger: bool


@click.command()
@click.argument(
    "wanted", metavar="[MODEL[@VERSION|#STAGE]]", required=False, envvar="PENNON_AUDIT_MODEL"
)
@click.option("--ledger", is_flag=True, help="The tags alone: do not ask the forge.")
@remote_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv"]),
    default="text",
    show_default=True,
    help="csv: a row for each event, for spreadsheets.",
)
@json_option
def audit(wanted: str | None, *, ledger: bool, remote: str | None, form: str, json: bool) -> None:
    """Hold every event of every model (or of MODEL) to the chain, the forge and the rules.

    With MODEL@VERSION: all that is recorded of that version, on one page. Exit code 8 where
    something is not as it was written.

    Example: pennon audit delay@v1.0.0
    """
    where = _Where(remote, ledger)
    subject = asked(wanted, remote) if wanted else Reference("")
    is_version = bool(subject.version or subject.stage)
    if form == "csv":
        if json or is_version:
            raise click.UsageError("csv has the events of whole models, and no other form")
        _sheet(where, subject.model or None)
    elif is_version:
        _version(where, subject, json=json)
    else:
        _registry(where, subject.model or None, json=json)


def _registry(where: _Where, model: str | None, *, json: bool) -> None:
    from pennon.flows.audit import audit_registry, audit_remote  # noqa: PLC0415  not for doctor

    if where.remote:
        found = list(audit_remote(where.remote, model))
    else:
        found = list(audit_registry(world(), model, forge=not where.ledger))
    alarms = [alarm for it in found for alarm in it.alarms]
    looked = f"{many(sum(it.events for it in found), 'event')} of {many(len(found), 'model')}"
    emit(found, findings(alarms) if alarms else f"{looked}: sound", json=json)
    if alarms:
        raise RegistryError(f"{many(len(alarms), 'finding')} in {looked}", hint=_ABOVE)


def _version(where: _Where, wanted: Reference, *, json: bool) -> None:
    from pennon.flows.dossier import dossier, dossier_there  # noqa: PLC0415  not for a registry

    if where.remote:
        found = dossier_there(where.remote, wanted)
    else:
        found = dossier(world(), wanted, forge=not where.ledger)
    emit(found, page(found), json=json)
    if found.findings:
        what = f"{many(len(found.findings), 'finding')} about {found.model}@{found.version}"
        raise RegistryError(what, hint=_ABOVE)


def _sheet(where: _Where, model: str | None) -> None:
    """A model at a time: no ledger is held whole."""
    from pennon.flows import sheet as flow  # noqa: PLC0415  as above

    wrong = 0
    click.echo(line(flow.SheetRow.__struct_fields__))
    for state, alarms in _looked(where, model):
        wrong += len(alarms)
        for row in flow.sheet(state, alarms):
            click.echo(line(msgspec.structs.astuple(row)))
        del state  # large models: never two at a time
    if wrong:
        raise RegistryError(many(wrong, "finding"), hint="see the column of that name")


def _looked(where: _Where, model: str | None) -> Iterator[Looked]:
    from pennon.flows.audit import Memory, look, look_there  # noqa: PLC0415  as above

    if where.remote:
        return look_there(where.remote, model)
    here = world()
    return look(here, model, memory=None if where.ledger else Memory(here))


@click.command()
@json_option
def doctor(*, json: bool) -> None:
    """Name what is odd about this registry and this clone, each with its way out.

    Exit code 8 where something is. Nothing is changed.

    Example: pennon doctor
    """
    from pennon.flows.upkeep.doctor import doctor as flow  # noqa: PLC0415  audit needs none of it

    found = flow(world())
    emit(found, findings(found) if found else "sound", json=json)
    if found:
        raise RegistryError(many(len(found), "finding"), hint=_ABOVE)
