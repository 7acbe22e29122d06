"""comment: say under a fork's pull request what its review found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.comment import Commented


@click.command()
@click.option("--run", type=int, help="The review's run. [default: that of the event]")
@click.option("--head", default="", metavar="COMMIT", help="The commit that was reviewed.")
@dry_run_option
@json_option
def comment(run: int | None, *, head: str, dry_run: bool, json: bool) -> None:
    """Comment on a pull request of a fork with the numbers of its review, decided anew.

    The review's own token cannot write there. Exits with 12 for an artifact that is not sound, 6
    for numbers that cannot be, 3 for gates on what was not measured; a comment says so, too.

    Example: pennon comment --run 4821 --head 3f2c9ab41d0e7788990011223344556677889900
    """
    if (run is None) != (not head):
        raise click.UsageError("--run and --head belong together")
    from pennon.flows.comment import Ask, outcome  # noqa: PLC0415  start-up
    from pennon.flows.comment import comment as flow  # noqa: PLC0415

    found = flow(world(), Ask(run=run, head=head), dry_run=dry_run)
    # In a job only our own words: GitHub takes lines of a log that look like commands for commands.
    lines = (it.report if dry_run else f"#{it.pull} {it.model}: {_said(it)}" for it in found)
    emit(found, "\n".join(lines), json=json)
    error = outcome(found)
    if error is not None:
        raise error


def _said(it: Commented) -> str:
    return f"not shown: {it.refused}" if it.refused else str(it.kind)
