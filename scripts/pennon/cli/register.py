"""register: a new version of every model that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit, steps
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.register import Registered


@click.command()
@click.argument("models", nargs=-1, envvar="PENNON_REGISTER_MODELS")
@click.option(
    "--bump",
    type=click.Choice(["auto", "major", "minor", "patch"]),
    default="auto",
    show_default=True,
    help="Which part of the version moves; auto asks what changed.",
)
@click.option("--candidate", is_flag=True, help="Take the newest full run instead of training.")
@dry_run_option
@json_option
def register(
    models: tuple[str, ...], *, bump: str, candidate: bool, dry_run: bool, json: bool
) -> None:
    """Train on all rows and register a version of MODELS (every one, if none is named).

    A model whose code, params, data and environment are those of a version is left as it is.

    Example: pennon register delay --bump patch
    """
    from pennon.flows.register import Ask  # noqa: PLC0415  the ML stack
    from pennon.flows.register import register as flow  # noqa: PLC0415
    from pennon.flows.registration.bump import Bump  # noqa: PLC0415  the ML stack

    here = world()
    ask = Ask(models=models, bump=Bump(bump), candidate=candidate, dispatch=here.runner.is_actions)
    found = flow(here, ask, dry_run=dry_run)
    lines = [steps(it.steps) if dry_run else _line(it) for it in found]
    emit(found, "\n".join(lines), json=json)


def _line(it: Registered) -> str:
    told = f"{it.why}; {it.verdict}" if it.verdict else it.why
    return f"{it.model}@{it.version}: {told}"
