"""rollout: traffic for a challenger, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit, steps, table
from pennon.cli.world import world
from pennon.flows.assignment.assign import Then
from pennon.report.rollout import verdict

if TYPE_CHECKING:
    from pennon.evaluation.rollout import Answer
    from pennon.flows.rollout.steps import Advanced
    from pennon.report.rollout import Status


@click.command()
@click.argument("do", type=click.Choice(["status", "advance", "abort"]), envvar="PENNON_ROLLOUT_DO")
@click.argument("model", required=False, envvar="PENNON_ROLLOUT_MODEL")
@click.option(
    "--log",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A prediction log, file or folder; may be given again.",
)
@click.option(
    "--outcomes",
    type=click.Path(path_type=Path),
    help="What became of it, CSV or JSON lines: id (or key), outcome.",
)
@click.option("--reason", default="", help="Why it ends, or goes on without proof.")
@click.option("--if-decided", is_flag=True, help="Do nothing where it is too early.")
@dry_run_option
@json_option
def rollout(
    do: str,
    model: str | None,
    *,
    log: tuple[Path, ...],
    outcomes: Path | None,
    reason: str,
    if_decided: bool,
    dry_run: bool,
    json: bool,
) -> None:
    """Give the challenger of MODEL (of each in rollout.yaml, if none is named) its traffic.

    status says where it stands; advance begins, goes on, promotes or aborts, as the log says; abort
    takes the challenger out.

    Example: pennon rollout status delay --log /var/log/pennon
    """
    from pennon.flows.rollout.status import Sources  # noqa: PLC0415  only what is called
    from pennon.flows.rollout.steps import Ask, Verb  # noqa: PLC0415
    from pennon.flows.rollout.steps import rollout as flow  # noqa: PLC0415

    if do == "abort" and not (model and reason):
        raise click.UsageError("abort needs a MODEL and a --reason: it stays in the record")
    here = world()
    follow = Then.DISPATCH if here.runner.is_actions else Then.NOTHING
    models = [model] if model else sorted(here.config().rollouts.models)
    asks = [
        Ask(model=it, reason=reason, if_decided=if_decided, then=follow, dry_run=dry_run)
        for it in models
    ]
    found = flow(here, Verb(do), asks, Sources(log, outcomes))
    shown = [_text(it, dry_run=dry_run) for it in found]
    emit(found, "\n\n".join(shown) or "rollout.yaml names no model", json=json)


def _text(it: Advanced, *, dry_run: bool) -> str:
    if it.steps and dry_run:
        return steps(it.steps)
    if it.tags:
        return f"{it.model}: {it.did}: {it.why} ({', '.join(it.tags)})"
    return _status(it.status)


def _status(it: Status) -> str:
    lines = [f"{it.model}: {it.decision}: {it.why}{_more(it)}"]
    if it.step:
        where = f"{it.version} beside {it.live} in {it.environment}"
        lines.append(f"{it.mode}, step {it.step} of {it.steps}: {it.share:.4g} to {where}")
    if it.answers:
        headers = ("WHAT", "LIVE", "CHALLENGER", "DIFFERENCE", "UNITS", "")
        lines.append(table(headers, map(_row, it.answers)))
    return "\n".join([*lines, *it.findings])


def _more(it: Status) -> str:
    """`; about 4,200 more, 3.1 hours`."""
    parts = [f"{float(f'{it.units:.2g}'):,.0f} more"] if it.units else []
    parts += [f"{it.more_hours:.1f} hours"] if it.more_hours else []
    return f"; about {', '.join(parts)}" if parts else ""


def _row(it: Answer) -> tuple[str, ...]:
    return (
        it.name,
        "-" if it.live is None else f"{it.live:.4g}",
        "-" if it.challenger is None else f"{it.challenger:.4g}",
        f"{it.low:+.4g} … {it.high:+.4g}",
        f"{it.live_units:,} / {it.challenger_units:,}",
        verdict(it),
    )
