"""serve: a version answers over HTTP, and whoever holds the stage after it."""

from __future__ import annotations

from pathlib import Path

import click

from pennon.cli.world import world


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_SERVE_MODEL")
@click.option("--host", default="127.0.0.1", show_default=True, help="Whom to listen to.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes."
)
@click.option(
    "--poll",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to ask who holds the stage.",
)
@click.option(
    "--log",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep a prediction log there.",
)
def serve(  # noqa: PLR0917  its options
    wanted: str, host: str, port: int, workers: int, poll: float, log: Path | None
) -> None:
    """Answer predictions over HTTP by a registered version (the champion, if none is named).

    A stage is followed: when another version holds it, that one is loaded beside the old one and
    takes its place without a failed request. SIGHUP makes it look at once.

    Example: pennon serve delay#champion --port 8080
    """
    from pennon.flows.serve import Wanted  # noqa: PLC0415  only what is called
    from pennon.serving.server import Options, run  # noqa: PLC0415

    here = world()
    reference = here.reference(wanted)
    options = Options(host=host, port=port, poll=None if reference.version else poll, log=log)
    run(Wanted(here, reference, workers=workers), options, here.now)
