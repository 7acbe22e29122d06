"""deploy: environments follow the tags."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option, world
from pennon.cli.output import emit


@click.command()
@click.argument("environment", required=False, envvar="PENNON_DEPLOY_ENVIRONMENT")
@click.option("--model", help="This model only.")
@dry_run_option
@json_option
def deploy(environment: str | None, *, model: str | None, dry_run: bool, as_json: bool) -> None:
    """Make ENVIRONMENT (all, in their order, if none is named) run what the tags say.

    Example: pennon deploy staging
    """
    from pennon.flows.deploy import deploy as flow  # noqa: PLC0415  only what is called

    found = flow(world(), environment, model, dry_run=dry_run)
    lines = [
        f"{it.environment}: {it.model}@{it.version} at {it.url}"
        + ("" if it.changed else " (as before)")
        for it in found
    ]
    emit(found, "\n".join(lines) or "nothing to deploy", as_json=as_json)
