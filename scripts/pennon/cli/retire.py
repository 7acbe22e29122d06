"""retire: what is out of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit, steps
from pennon.cli.reading import asked
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.retire import Retired


def _said(context: click.Context, option: click.Parameter, text: str) -> str:
    if not text.strip():
        raise click.BadParameter("a reason has words", context, option)
    return text


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_RETIRE_MODEL")
@click.option("--reason", required=True, callback=_said, help="Why: it stays in the record.")
@dry_run_option
@json_option
def retire(wanted: str, *, reason: str, dry_run: bool, json: bool) -> None:
    """Take a version out of use, empty a stage, or retire a whole model. Nothing is deleted.

    What holds a stage is in use and cannot be retired: exit code 7.

    Example: pennon retire delay@v1.0.0 --reason "trained on rows that were wrong"
    """
    from pennon.flows.retire import retire as flow  # noqa: PLC0415  only what is called

    result = flow(world(), asked(wanted), reason, dry_run=dry_run)
    emit(result, _text(result, dry_run=dry_run), json=json)


def _text(it: Retired, *, dry_run: bool) -> str:
    if dry_run:
        return steps(it.steps)
    subject = f"{it.model}@{it.version}" if it.version else it.model
    what = f"{it.holder or 'no version'} of {subject} is {it.stage}" if it.stage else ""
    return ": ".join(filter(None, (what or f"{subject} is retired", ", ".join(it.tags))))
