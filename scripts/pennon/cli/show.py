"""show, history, which, verify: reading the registry."""

from __future__ import annotations

import click

from pennon.cli.options import json_option, model_argument, world
from pennon.cli.output import emit, table
from pennon.errors import ArtifactError
from pennon.flows import show as flow
from pennon.registry import reference, resolve


@click.command()
@model_argument("show", required=False)
@json_option
def show(model: str | None, *, json: bool) -> None:
    """Show every model and who holds its stages, or the versions of one MODEL.

    Example: pennon show delay
    """
    if model:
        versions = flow.show_model(world(), model)
        emit(versions, _versions(versions), json=json)
    else:
        models = flow.show(world())
        emit(models, _models(models), json=json)


@click.command()
@model_argument("history")
@json_option
def history(model: str, *, json: bool) -> None:
    """Show every event of MODEL, oldest first: when, what, who and why.

    Example: pennon history delay
    """
    events = flow.history(world(), model)
    rows = [(e.at, e.event, e.version, e.stage or "-", e.by, e.why or "-") for e in events]
    headers = ("WHEN", "EVENT", "VERSION", "STAGE", "WHO", "WHY")
    emit(events, table(headers, rows), json=json)


@click.command()
@click.argument("wanted", metavar="MODEL[#STAGE]", envvar="PENNON_WHICH_MODEL")
@json_option
def which(wanted: str, *, json: bool) -> None:
    """Name the version that holds a stage (champion, if none is named).

    Example: pennon which delay#champion
    """
    state, version = resolve(world().repo, reference(wanted))
    event = state.find(version)
    facts = {
        "model": state.model,
        "version": str(version),
        "tag": event.tag,
        "commit": event.commit,
    }
    emit(facts, str(version), json=json)


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_VERIFY_MODEL")
@json_option
def verify(wanted: str, *, json: bool) -> None:
    """Download a version's files and compare them, and the chain of tags, with the record.

    Example: pennon verify delay@v1.0.0
    """
    from pennon.flows.verify import verify as flow_verify  # noqa: PLC0415  show stays light

    checks = flow_verify(world(), reference(wanted))
    rows = [("ok" if check.ok else "WRONG", check.name, check.what) for check in checks]
    emit(checks, table(("", "CHECK", "FACT"), rows), json=json)
    if not all(check.ok for check in checks):
        raise ArtifactError(f"{wanted} is not what its record says", hint="see the lines above")


def _models(models: list[flow.ModelRow]) -> str:
    if not models:
        return "no model is registered yet; the first one: pennon register"
    stages = sorted({stage for row in models for stage in row.stages})
    rows = [
        (row.model, row.latest or "-", *(row.stages.get(stage, "-") for stage in stages))
        for row in models
    ]
    text = table(("MODEL", "LATEST", *(f"#{stage}" for stage in stages)), rows)
    findings = [f"{f.tag}: {f.what}; {f.fix}" for row in models for f in row.findings]
    return "\n".join([text, *(f"! {finding}" for finding in findings)])


def _versions(versions: list[flow.VersionRow]) -> str:
    names = list(dict.fromkeys(name for row in versions for name in row.metrics))
    rows = [
        (
            row.version,
            ", ".join(row.stages) or "-",
            row.at,
            row.by,
            row.commit[:7],
            *(f"{row.metrics[name]:.4g}" if name in row.metrics else "-" for name in names),
        )
        for row in versions
    ]
    return table(("VERSION", "STAGE", "REGISTERED", "BY", "COMMIT", *names), rows)
