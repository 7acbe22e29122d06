"""new: a model repository from the template."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pennon.cli.options import dry_run_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), envvar="PENNON_NEW_FOLDER")
@click.option("--set", "answers", multiple=True, metavar="NAME=ANSWER", help="Answer a question.")
@click.option("--yes", is_flag=True, help="Take the usual answer to everything else.")
@dry_run_option
def new(folder: Path, *, answers: tuple[str, ...], yes: bool, dry_run: bool) -> None:
    """Make a new model repository in FOLDER, with its first commit.

    Example: pennon new flights --set model_name=delay --yes
    """
    from pennon.flows.new import bake, choices, questions  # noqa: PLC0415  only what is called

    given = dict(_pair(answer) for answer in answers)
    if not yes and sys.stdin.isatty():
        given = {
            name: given.get(name) or _ask(name, text, choices(name))
            for name, text in questions().items()
            if name != "repo_name"
        }
    if dry_run:
        click.echo(f"would make {folder} with {given or 'the usual answers'}")
        return
    made = bake(folder, given)
    click.echo(f"{made} is ready. Next:\n  cd {made}\n  git remote add origin <url>\n  git push")


def _ask(name: str, text: str, choices: list[str]) -> str:
    if choices:
        return str(click.prompt(text, type=click.Choice(choices), default=choices[0]))
    from pennon.flows.new import usual  # noqa: PLC0415  as above

    return str(click.prompt(text, default=usual(name)))


def _pair(answer: str) -> tuple[str, str]:
    name, sign, value = answer.partition("=")
    if not sign:
        raise click.BadParameter(f"{answer!r} is not NAME=ANSWER", param_hint="--set")
    return name, value
