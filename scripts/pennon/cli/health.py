"""health: how the versions fare where they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, table
from pennon.cli.world import world
from pennon.errors import TargetError

if TYPE_CHECKING:
    from pennon.flows.health import Vital


@click.command()
@click.argument("environment", required=False, envvar="PENNON_HEALTH_ENVIRONMENT")
@click.option(
    "--rollback",
    is_flag=True,
    help="Give the stage of a version that is ill back to the one before.",
)
@json_option
def health(environment: str | None, *, rollback: bool, json: bool) -> None:
    """Ask each model of ENVIRONMENT (of all, if none is named) whether it is well.

    Exit code 13 where one is ill or does not answer.

    Example: pennon health production
    """
    from pennon.flows.deployment.readable import in_emergency  # noqa: PLC0415
    from pennon.flows.health import health as flow  # noqa: PLC0415  only what is called
    from pennon.flows.health import next_step, unhealthy  # noqa: PLC0415

    here = in_emergency(world())
    found = flow(here, environment, roll_back=rollback)
    headers = ("ENVIRONMENT", "MODEL", "WANTED", "ANSWERS", "STATE", "ERRORS", "REQUESTS", "WHY")
    emit(found, table(headers, map(_row, found)) if found else "nothing runs", json=json)
    if wrong := list(unhealthy(found)):
        for line in wrong:
            here.runner.annotate("error", line)
        raise TargetError("\n".join(wrong), hint=next_step(found))


def _row(it: Vital) -> tuple[str, ...]:
    errors = "-" if it.errors is None else f"{it.errors:.1%}"
    why = "; ".join(filter(None, (it.why, it.became)))
    answers = it.version or "-"
    return (
        *(it.environment, it.model, it.wanted, answers, str(it.state)),
        *(errors, f"{it.requests:,}", why),
    )
