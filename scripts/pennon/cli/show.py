"""show, history, which, describe, verify: reading the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from pennon.cli.options import json_option, model_argument
from pennon.cli.output import emit, table
from pennon.cli.reading import asked, ledger, remote_option
from pennon.errors import ArtifactError
from pennon.flows import show as flow
from pennon.registry import resolve

if TYPE_CHECKING:
    from pennon.registry.summary import Summary


@click.command()
@model_argument("show", required=False)
@remote_option
@json_option
def show(model: str | None, *, remote: str | None, json: bool) -> None:
    """Show every model and who holds its stages, or the versions of one MODEL.

    Example: pennon show delay
    """
    with ledger(remote, model) as repo:
        if model:
            versions = flow.show_model(repo, model)
            emit(versions, _versions(versions), json=json)
        else:
            models = flow.show(repo)
            emit(models, _models(models), json=json)


@click.command()
@model_argument("history")
@remote_option
@json_option
def history(model: str, *, remote: str | None, json: bool) -> None:
    """Show every event of MODEL, oldest first: when, what, who and why.

    Example: pennon history delay
    """
    with ledger(remote, model) as repo:
        events = flow.history(repo, model)
    rows = [(e.at, e.event, e.version, e.stage or "-", e.by, e.why or "-") for e in events]
    headers = ("WHEN", "EVENT", "VERSION", "STAGE", "WHO", "WHY")
    emit(events, table(headers, rows), json=json)


@click.command()
@click.argument("wanted", metavar="MODEL[#STAGE]", envvar="PENNON_WHICH_MODEL")
@remote_option
@json_option
def which(wanted: str, *, remote: str | None, json: bool) -> None:
    """Name the version that holds a stage (champion, if none is named).

    Example: pennon which delay#champion
    """
    found = asked(wanted, remote)
    with ledger(remote, found.model) as repo:
        state, version = resolve(repo, found)
    event = state.find(version)
    facts = {
        "model": state.model,
        "version": str(version),
        "tag": event.tag,
        "commit": event.commit,
    }
    emit(facts, str(version), json=json)


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_DESCRIBE_MODEL")
@remote_option
@json_option
def describe(wanted: str, *, remote: str | None, json: bool) -> None:
    """Show all that is known of a version: what it was made of, by whom, how good it is.

    Example: pennon describe delay@v1.0.0
    """
    found = asked(wanted, remote)
    with ledger(remote, found.model) as repo:
        described = flow.describe(repo, found)
    emit(described, _described(described), json=json)


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_VERIFY_MODEL")
@json_option
def verify(wanted: str, *, json: bool) -> None:
    """Download a version's files and compare them, and the chain of tags, with the record.

    Example: pennon verify delay@v1.0.0
    """
    from pennon.cli.world import world  # noqa: PLC0415  the others stay light
    from pennon.flows.versions.verify import verify as flow_verify  # noqa: PLC0415

    checks = flow_verify(world(), asked(wanted))
    rows = [("ok" if check.ok else "WRONG", check.name, check.what) for check in checks]
    emit(checks, table(("", "CHECK", "FACT"), rows), json=json)
    if not all(check.ok for check in checks):
        raise ArtifactError(f"{wanted} is not what its record says", hint="see the lines above")


def _described(found: flow.Described) -> str:
    """The manifest as YAML, below who holds what and where the tag is."""
    import yaml  # noqa: PLC0415  the others stay light

    stages = ", ".join(found.stages) or "none"
    head = [
        ("version", f"{found.model}@{found.version}"),
        ("stages", stages),
        ("registered", f"{found.at} by {found.by}"),
        ("tag", f"{found.tag} ({found.oid})"),
    ]
    lines = [f"{click.style(name.ljust(11), bold=True)} {value}" for name, value in head]
    facts = msgspec.to_builtins(found.manifest)
    return "\n".join(
        [*lines, "", yaml.safe_dump(facts, sort_keys=False, allow_unicode=True).rstrip()]
    )


def _models(models: list[Summary]) -> str:
    if not models:
        return "no model is registered yet; the first one: pennon register"
    stages = sorted({stage for row in models for stage in row.stages})
    rows = [
        (
            f"{row.model} (retired)" if row.retired else row.model,
            row.latest or "-",
            *(row.stages.get(stage, "-") for stage in stages),
        )
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
