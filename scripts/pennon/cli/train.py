"""train: a candidate."""

from __future__ import annotations

import click

from pennon.cli.options import json_option, model_argument
from pennon.cli.output import emit
from pennon.cli.world import world
from pennon.registry import RunKind

data_option = click.option(
    "--data", default="full", show_default=True, metavar="sample|full|PATH", help="The rows."
)


@click.command()
@model_argument("train")
@data_option
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in RunKind]),
    default=str(RunKind.EXPERIMENT),
    show_default=True,
    help="Why this run is made; experiments are never promoted.",
)
@json_option
def train(model: str, *, data: str, kind: str, json: bool) -> None:
    """Train a candidate of MODEL into .pennon/runs.

    Example: pennon train delay --data sample
    """
    from pennon.flows.train import train as flow  # noqa: PLC0415  the ML stack

    trained = flow(world(), model, data=data, kind=RunKind(kind))
    it = trained.candidate.manifest
    text = f"{model}: {it.train_rows} rows in {it.run.seconds:.1f} s, {trained.candidate.folder}"
    emit(it, text, json=json)
