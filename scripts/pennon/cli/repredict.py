"""repredict: make a logged prediction again, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, many
from pennon.cli.world import world
from pennon.errors import ArtifactError

if TYPE_CHECKING:
    from pennon.flows.repredict import Repredicted


@click.command()
@click.argument("request", metavar="ID", envvar="PENNON_REPREDICT_ID")
@click.option(
    "--log",
    "log",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    required=True,
    help="A file of the prediction log, or its folder.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="How far a prediction may be from the logged one.",
)
@json_option
def repredict(request: str, log: tuple[Path, ...], *, tolerance: float, json: bool) -> None:
    """Predict again what the log has under ID, by the version that did, and compare.

    Example: pennon repredict 7f2c9e --log log/
    """
    from pennon.flows.repredict import repredict as flow  # noqa: PLC0415  only what is called

    found = flow(world(), request, log, tolerance=tolerance)
    emit(found, "\n".join(map(_line, found)), json=json)
    other = [it for it in found if not it.same]
    if other:
        raise ArtifactError(
            f"{request}: {other[0].model}@{other[0].version} predicts otherwise than logged",
            hint="with the libraries of its requirements.lock it may be the same: "
            f"pennon reproduce {other[0].model}@{other[0].version} names what differs",
        )


def _line(it: Repredicted) -> str:
    said = "identical" if it.largest == 0 else f"largest difference {it.largest:.3g}"
    return f"{it.at} {it.model}@{it.version} ({it.role}): {many(it.rows, 'prediction')}, {said}"
