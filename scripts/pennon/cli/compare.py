"""compare: a candidate with the champion on the rows, or two versions by their records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, table
from pennon.cli.reading import asked, ledger, remote_option
from pennon.registry import Measured

if TYPE_CHECKING:
    from pennon.evaluation import Evaluation
    from pennon.flows.versions.differences import Compared


@click.command()
@click.argument("first", metavar="MODEL|VERSION", envvar="PENNON_COMPARE_MODEL")
@click.argument("second", metavar="[VERSION]", required=False)
@remote_option
@json_option
def compare(first: str, second: str | None, *, remote: str | None, json: bool) -> None:
    """Score the newest run of MODEL and the champion on the same sealed rows.

    With two versions (MODEL@VERSION or MODEL#STAGE): what differs between their records. Nothing
    is scored.

    Example: pennon compare delay@v1.0.0 delay#champion
    """
    if second is None:
        _candidate(first, remote=remote, json=json)
        return
    from pennon.flows.versions.differences import differences  # noqa: PLC0415  not for the other form

    one, other = asked(first, remote), asked(second, remote)
    with ledger(remote, one.model if one.model == other.model else None) as repo:
        found = differences(repo, one, other)
    emit(found, _compared(found), json=json)


def _candidate(model: str, *, remote: str | None, json: bool) -> None:
    if remote:
        raise click.UsageError("--remote reads records; a candidate is scored in its repository")
    from pennon.cli.world import world  # noqa: PLC0415  not for the other form
    from pennon.flows.compare import compare_candidate  # noqa: PLC0415  the ML stack

    here = world()
    found = compare_candidate(here, here.state(model))
    emit(found, _table(found), json=json)


def _compared(found: Compared) -> str:
    metrics = [
        (name, _measured(one), _measured(other)) for name, (one, other) in found.metrics.items()
    ]
    rows = [(it.part, it.name, it.one or "-", it.other or "-") for it in found.differences]
    holdout = "the same sealed rows" if found.same_holdout else "different sealed rows"
    texts = [
        f"measured when they were registered, on {holdout}",
        table(("METRIC", found.one, found.other), metrics),
        "",
        table(("PART", "WHAT", found.one, found.other), rows) if rows else "nothing else differs",
    ]
    return "\n".join(texts)


def _measured(it: Measured | None) -> str:
    return f"{it.value:.4f} [{it.low:.4f}, {it.high:.4f}]" if it else "-"


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
