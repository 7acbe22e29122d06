"""reproduce: make a version again, and compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, table
from pennon.cli.reading import asked
from pennon.cli.world import world
from pennon.errors import ArtifactError

if TYPE_CHECKING:
    from pennon.flows.reproduce import Reproduced


_SHORT = 19
"""Characters that tell one digest from another."""


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_REPRODUCE_MODEL")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=1e-9,
    show_default=True,
    help="How far a prediction may be from the registered one's.",
)
@json_option
def reproduce(wanted: str, *, tolerance: float, json: bool) -> None:
    """Train a version again by its own recipe, and compare what both predict.

    Example: pennon reproduce delay@v1.0.0
    """
    from pennon.flows.reproduce import reproduce as flow  # noqa: PLC0415  only what is called

    found = flow(world(), asked(wanted), tolerance=tolerance)
    emit(found, _told(found), json=json)
    if not found.reproduced:
        raise ArtifactError(
            f"{found.model}@{found.version} cannot be reproduced here",
            hint="if an ingredient is another one: pennon checkout the version, and in its folder "
            "uv pip sync requirements.lock; else set every seed",
        )


def _told(found: Reproduced) -> str:
    rows = [
        (
            "ok" if it.same else "OTHER",
            it.name,
            it.recorded[:_SHORT] or "-",
            it.here[:_SHORT] or "-",
        )
        for it in found.ingredients
    ]
    flips = "" if found.flipped is None else f", {found.flipped} flipped"
    compared = (
        f"{found.train_rows:,} rows trained again, {found.rows:,} predictions: largest difference "
        f"{found.largest:.3g}, mean {found.mean:.3g}{flips}"
    )
    return "\n".join(
        [
            f"{found.model}@{found.version} of commit {found.commit[:7]}, data of {found.source}",
            table(("", "INGREDIENT", "RECORDED", "HERE"), rows),
            compared,
            found.verdict,
        ]
    )
