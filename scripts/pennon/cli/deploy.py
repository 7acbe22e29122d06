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
@click.option("--image", default="", help="Its image, REPOSITORY@sha256:DIGEST, if it runs as one.")
@click.option(
    "--on-failure",
    type=click.Choice(["stop", "rollback"]),
    default="stop",
    show_default=True,
    help="Whether a version that does not become healthy loses its stage.",
)
@dry_run_option
@json_option
def deploy(
    environment: str | None,
    *,
    model: str | None,
    image: str,
    on_failure: str,
    dry_run: bool,
    json: bool,
) -> None:
    """Make ENVIRONMENT (all, in their order, if none is named) run what the tags say.

    Example: pennon deploy staging
    """
    from pennon.flows.deploy import deploy as flow  # noqa: PLC0415  only what is called
    from pennon.flows.deployment.readable import in_emergency  # noqa: PLC0415
    from pennon.flows.deployment.recover import deploy_or_roll_back  # noqa: PLC0415

    here = in_emergency(world())
    if on_failure == "rollback" and not dry_run:
        found = deploy_or_roll_back(here, environment, model, image=image)
    else:
        found = flow(here, environment, model, image=image, dry_run=dry_run)
    if dry_run:
        text = steps(step for it in found for step in it.steps)
        text = "\n".join([text, *(it.diff.rstrip() for it in found if it.diff)])
    else:
        text = "\n".join(map(_line, found)) or "nothing to deploy"
    emit(found, text, json=json)


def _line(it: Deployed) -> str:
    before = "" if it.changed else " (as before)"
    where = f"at {it.url}" if it.url else it.why
    return f"{it.environment}: {it.model}@{it.version} {where}{before}"
