"""promote, rollback: who holds a stage."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option, model_argument
from pennon.cli.output import emit, steps
from pennon.cli.world import world
from pennon.flows.assign import Ask, Assigned, Then

stage_option = click.option("--stage", default="champion", show_default=True, help="The role.")
then_option = click.option(
    "--then",
    type=click.Choice([str(choice) for choice in Then]),
    help="What follows: start the deploy workflow, deploy from here, or nothing. "
    "[default: dispatch in Actions, else nothing after promote and deploy after rollback]",
)


@click.command()
@model_argument("promote")
@click.argument("version", required=False, envvar="PENNON_PROMOTE_VERSION")
@stage_option
@click.option("--reason", default="", help="Why; the verdict of the gates, if not given.")
@then_option
@dry_run_option
@json_option
def promote(
    model: str,
    version: str | None,
    *,
    stage: str,
    reason: str,
    then: str | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Give VERSION (the newest, if none is named) of MODEL a stage, if the gates let it pass.

    Example: pennon promote delay v1.1.0 --reason "better on winter mornings"
    """
    from pennon.flows.promote import promote as flow  # noqa: PLC0415  only what is called

    here = world()
    follow = Then(then) if then else (Then.DISPATCH if here.runner.is_actions else Then.NOTHING)
    ask = Ask(model=model, stage=stage, version=version, reason=reason, then=follow)
    result = flow(here, ask, dry_run=dry_run)
    emit(result, _text(result, dry_run=dry_run), json=json)


@click.command()
@model_argument("rollback")
@click.option(
    "--to",
    "version",
    envvar="PENNON_ROLLBACK_TO",
    help="The version; the one that held the stage before.",
)
@stage_option
@click.option("--reason", required=True, help="Why: it stays in the record.")
@then_option
@dry_run_option
@json_option
def rollback(
    model: str,
    *,
    version: str | None,
    stage: str,
    reason: str,
    then: str | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Give a stage of MODEL back to the version that held it before, and deploy that.

    Example: pennon rollback delay --reason "answers are wrong for LGA"
    """
    from pennon.flows.rollback import rollback as flow  # noqa: PLC0415  only what is called

    here = world()
    follow = Then(then) if then else (Then.DISPATCH if here.runner.is_actions else Then.DEPLOY)
    ask = Ask(model=model, stage=stage, version=version, reason=reason, then=follow)
    result = flow(here, ask, dry_run=dry_run)
    emit(result, _text(result, dry_run=dry_run), json=json)


def _text(result: Assigned, *, dry_run: bool) -> str:
    if dry_run:
        return steps(result.steps)
    before = f" (before: {result.previous})" if result.previous else ""
    return f"{result.model}@{result.version} is {result.stage}{before}: {result.tag}"
