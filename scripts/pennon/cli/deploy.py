"""deploy: environments follow the tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit, steps
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.deploy import Deployed


@click.command()
@click.argument("environment", required=False, envvar="PENNON_DEPLOY_ENVIRONMENT")
@click.option("--model", help="This model only.")
@dry_run_option
@json_option
def deploy(environment: str | None, *, model: str | None, dry_run: bool, json: bool) -> None:
    """Make ENVIRONMENT (all, in their order, if none is named) run what the tags say.

    Example: pennon deploy staging
    """
    from pennon.flows.deploy import deploy as flow  # noqa: PLC0415  only what is called

    found = flow(world(), environment, model, dry_run=dry_run)
    if dry_run:
        text = steps(step for it in found for step in it.steps)
    else:
        text = "\n".join(map(_line, found)) or "nothing to deploy"
    emit(found, text, json=json)


def _line(it: Deployed) -> str:
    before = "" if it.changed else " (as before)"
    return f"{it.environment}: {it.model}@{it.version} at {it.url}{before}"
