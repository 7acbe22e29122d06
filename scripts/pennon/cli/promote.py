"""promote, rollback: who holds a stage."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option, model_argument
from pennon.cli.output import emit, steps
from pennon.cli.world import world
from pennon.flows.assignment.assign import Ask, Assigned, Then

stage_option = click.option("--stage", default="champion", show_default=True, help="The role.")
then_option = click.option(
    "--then",
    type=click.Choice([str(choice) for choice in Then]),
    help="What follows: start the deploy workflow, deploy from here, or nothing. "
    "[default: dispatch in Actions, else nothing after promote and deploy after rollback]",
)


@click.command()
@model_argument("promote", required=False)
@click.argument("version", required=False, envvar="PENNON_PROMOTE_VERSION")
@stage_option
@click.option("--reason", default="", help="Why; the verdict of the gates, if not given.")
@click.option("--pr", "how", flag_value="pr", help="Open a pull request that asks for it.")
@click.option(
    "--merged",
    "how",
    flag_value="merged",
    envvar="PENNON_PROMOTE_HOW",
    help="Promote what merged pull requests ask for.",
)
@then_option
@dry_run_option
@json_option
def promote(
    model: str | None,
    version: str | None,
    *,
    stage: str,
    reason: str,
    how: str | None,
    then: str | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Give VERSION (the newest, if none is named) of MODEL a stage, if the gates let it pass.

    Example: pennon promote delay v1.1.0 --reason "better on winter mornings"
    """
    from pennon.flows.promote import ask_to_promote, promote_requested  # noqa: PLC0415
    from pennon.flows.promote import promote as flow  # noqa: PLC0415  only what is called

    here = world()
    follow = Then(then) if then else (Then.DISPATCH if here.runner.is_actions else Then.NOTHING)
    if how == "merged":
        found = promote_requested(here, dry_run=dry_run, then=follow)
        lines = [_text(it, dry_run=dry_run) for it in found]
        emit(found, "\n".join(lines) or "no merged request waits", json=json)
        return
    if model is None:
        raise click.UsageError("Missing argument 'MODEL'.")
    ask = Ask(model=model, stage=stage, version=version, reason=reason, then=follow)
    if how == "pr":
        asked = ask_to_promote(here, ask, dry_run=dry_run)
        where = asked.pull or f"would open a pull request from {asked.branch}"
        emit(asked, f"{asked.model}@{asked.version} to {asked.stage}: {where}", json=json)
        return
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
@click.option(
    "--from",
    "leaving",
    default="",
    envvar="PENNON_ROLLBACK_FROM",
    help="Only if this version holds the stage still.",
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
    leaving: str,
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
    ask = Ask(
        model=model, stage=stage, version=version, reason=reason, leaving=leaving, then=follow
    )
    result = flow(here, ask, dry_run=dry_run)
    emit(result, _text(result, dry_run=dry_run), json=json)


def _text(result: Assigned, *, dry_run: bool) -> str:
    if dry_run:
        return steps(result.steps)
    if not result.steps:
        return f"{result.model}@{result.version} is {result.stage} already: {result.tag}"
    before = f" (before: {result.previous})" if result.previous else ""
    return f"{result.model}@{result.version} is {result.stage}{before}: {result.tag}"
