"""compute: which runner trains which model."""

from __future__ import annotations

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, table
from pennon.cli.world import world


@click.command()
@click.argument("models", nargs=-1, envvar="PENNON_COMPUTE_MODELS")
@click.option("--runner", default="", help="That of models that say nothing.")
@json_option
def compute(models: tuple[str, ...], *, runner: str, json: bool) -> None:
    """Show which runner trains which of MODELS (every one, if none is named).

    In a workflow's step the output `jobs` has the same as JSON, for the matrix of another job.

    Example: pennon compute
    """
    from pennon.flows.compute import compute as flow  # noqa: PLC0415  only what is called

    found = flow(world(), models, runner)
    labels = [it.runner if isinstance(it.runner, str) else ", ".join(it.runner) for it in found]
    rows = [(it.models, label) for it, label in zip(found, labels, strict=True)]
    emit(found, table(("MODELS", "RUNNER"), rows), json=json)
