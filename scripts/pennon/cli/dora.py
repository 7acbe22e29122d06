"""dora: how fast changes reach people, and how often they fail."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option, model_argument
from pennon.cli.output import emit, many, table
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.dora import Dora
    from pennon.flows.pace import Deployments, Span

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


@click.command()
@model_argument("dora", required=False)
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Leave out what began before this day."
)
@click.option("--ledger", is_flag=True, help="The tags alone: do not ask the forge.")
@json_option
def dora(model: str | None, *, since: datetime | None, ledger: bool, json: bool) -> None:
    """Show lead times, deployments and failures of MODEL (every one, if none is named).

    Example: pennon dora delay --since 2026-01-01
    """
    from pennon.flows.dora import Ask  # noqa: PLC0415  only what is called
    from pennon.flows.dora import dora as flow  # noqa: PLC0415

    day = since.date() if since else None
    found = flow(world(), Ask(model=model or "", since=day, forge=not ledger))
    emit(found, "\n\n".join(map(_text, found)), json=json)


def _text(it: Dora) -> str:
    since = f" since {it.since}" if it.since else ""
    lines = [f"{it.model}: {many(it.versions, 'version')}{since}", ""]
    lines.append(table(("LEAD TIME", "MEDIAN", "LONGEST", "KNOWN OF"), map(_row, it.lead_times)))
    if it.deployments:
        lines += ["", *_deployments(it.deployments)]
    return "\n".join([*lines, *(f"not known: {what}" for what in it.unknown)])


def _row(it: Span) -> tuple[str, ...]:
    return it.name, duration(it.median), duration(it.longest), f"{it.known} of {it.of}"


def _deployments(it: Deployments) -> list[str]:
    often = f", {it.weekly:g} a week" if it.weekly is not None else ""
    rate = f" ({it.failure_rate:.0%})" if it.failure_rate is not None else ""
    bad = f"{it.failed} failed, {it.rolled_back} rolled back{rate}"
    restored = it.restored
    took = f"{duration(restored.median)} (known of {restored.known} of {restored.of})"
    return [
        f"changes deployed to {it.environment}: {it.changes}{often}",
        f"of these {bad}",
        f"time to restore, median: {took}" if restored.of else "nothing had to be restored",
    ]


def duration(seconds: float | None) -> str:
    """The two largest units: `1 d 4 h`, `3 min 20 s`."""
    if seconds is None:
        return "-"
    rest = round(seconds)
    parts: list[str] = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, parts[:2])) or "0 s"
