"""train, compare: a candidate, and what it is worth."""

from __future__ import annotations

import click

from pennon.cli.options import json_option, model_argument, world
from pennon.cli.output import emit, table
from pennon.evaluation import Evaluation
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


@click.command()
@model_argument("compare")
@json_option
def compare(model: str, *, json: bool) -> None:
    """Score the newest run of MODEL and the champion on the same sealed rows.

    Example: pennon compare delay
    """
    from pennon.flows.compare import compare_candidate  # noqa: PLC0415  the ML stack

    here = world()
    found = compare_candidate(here, here.state(model))
    emit(found, _table(found), json=json)


def _table(evaluation: Evaluation) -> str:
    rows = [
        (
            comparison.name,
            scores.metric,
            f"{scores.reference:.4f}",
            f"{scores.candidate:.4f}",
            f"{scores.difference:+.4f}",
            f"{scores.low:+.4f} … {scores.high:+.4f}",
        )
        for comparison in evaluation.comparisons
        for scores in comparison.scores
    ]
    headers = ("AGAINST", "METRIC", "IT", "CANDIDATE", "DIFFERENCE", "INTERVAL")
    return f"{evaluation.rows} sealed rows\n{table(headers, rows)}"
