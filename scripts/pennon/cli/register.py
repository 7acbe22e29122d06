"""register: a new version of every model that changed."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option, world
from pennon.cli.output import emit, steps


@click.command()
@click.argument("models", nargs=-1, envvar="PENNON_REGISTER_MODELS")
@click.option(
    "--bump",
    type=click.Choice(["major", "minor", "patch"]),
    default="minor",
    show_default=True,
    help="Which part of the version moves.",
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

    here = world()
    ask = Ask(models=models, bump=bump, candidate=candidate, dispatch=here.runner.is_actions)
    found = flow(here, ask, dry_run=dry_run)
    lines = [
        steps(it.steps) if dry_run else f"{it.model}@{it.version}: {it.verdict or it.why}"
        for it in found
    ]
    emit(found, "\n".join(lines), json=json)
