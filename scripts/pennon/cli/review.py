"""review: what a pull request runs."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit
from pennon.cli.world import world


@click.command()
@click.argument("models", nargs=-1, envvar="PENNON_REVIEW_MODELS")
@click.option(
    "--data",
    default="",
    metavar="sample|full|PATH",
    help="The rows to train on. [default: sample; full under the label train:full]",
)
@click.option("--pull", type=int, help="Comment on this pull request. [default: that of the event]")
@dry_run_option
@json_option
def review(
    models: tuple[str, ...], *, data: str, pull: int | None, dry_run: bool, json: bool
) -> None:
    """Train MODELS (every one, if none is named), compare them with their champions and report.

    Exits with 4 for broken data, 5 for a failed training, 7 if a gate fails.

    Example: pennon review delay --data sample
    """
    from pennon.flows.review import Ask, outcome  # noqa: PLC0415  the ML stack
    from pennon.flows.review import review as flow  # noqa: PLC0415

    found = flow(world(), Ask(models=models, data=data, pull=pull), dry_run=dry_run)
    emit(found, "\n".join(it.report for it in found), json=json)
    error = outcome(found)
    if error is not None:
        raise error
