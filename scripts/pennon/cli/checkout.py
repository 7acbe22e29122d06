"""checkout: the code of a version."""

from __future__ import annotations

from pathlib import Path

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit
from pennon.cli.reading import asked
from pennon.cli.world import world


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_CHECKOUT_MODEL")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@json_option
def checkout(wanted: str, folder: Path | None, *, json: bool) -> None:
    """Put the code that a version was made from into FOLDER, beside your work.

    Example: pennon checkout delay@v1.0.0
    """
    from pennon.flows.checkout import checkout as flow  # noqa: PLC0415  only what is called

    found = flow(world(), asked(wanted), folder)
    emit(found, found.folder, json=json)
