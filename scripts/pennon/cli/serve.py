"""serve: a version answers over HTTP."""

from __future__ import annotations

import click

from pennon.cli.world import world
from pennon.registry import resolve


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_SERVE_MODEL")
@click.option("--host", default="127.0.0.1", show_default=True, help="Whom to listen to.")
@click.option("--port", default=8080, show_default=True, help="The port.")
def serve(wanted: str, *, host: str, port: int) -> None:
    """Answer predictions over HTTP by a registered version (the champion, if none is named).

    Example: pennon serve delay#champion --port 8080
    """
    from pennon.flows.bundle import bundle  # noqa: PLC0415  only what is called
    from pennon.serving.server import run  # noqa: PLC0415  the ML stack

    here = world()
    state, version = resolve(here.repo, here.reference(wanted))
    folder = bundle(here, state, version)
    click.echo(f"{state.model}@{version} on http://{host}:{port}/predict", err=True)
    run(folder, host=host, port=port)
