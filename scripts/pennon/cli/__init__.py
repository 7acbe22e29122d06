"""The command line: options, one call, one echo. The only place that prints and exits."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn

import click

from pennon import __version__
from pennon.errors import MissingExtraError, PennonError

_COMMANDS = {
    "new": "new",
    "demo": "demo",
    "check": "check",
    "data": "data",
    "security": "security",
    "compute": "compute",
    "selftest": "selftest",
    "train": "train",
    "compare": "compare",
    "review": "review",
    "comment": "comment",
    "register": "register",
    "promote": "promote",
    "rollback": "promote",
    "retire": "retire",
    "rollout": "rollout",
    "package": "package",
    "deploy": "deploy",
    "contract": "contract",
    "health": "health",
    "repo": "repo",
    "pull": "pull",
    "serve": "serve",
    "score": "score",
    "checkout": "checkout",
    "show": "show",
    "history": "show",
    "which": "show",
    "describe": "show",
    "verify": "show",
    "reproduce": "reproduce",
    "repredict": "repredict",
    "dora": "dora",
    "audit": "audit",
    "doctor": "audit",
}
"""Command -> the module below pennon.cli that has it. Imported when it is called: start-up."""

_ABOUT = {
    "new": "Make a new model repository.",
    "demo": "Watch the whole loop on real data, on this machine.",
    "check": "Read the whole configuration and say all that is wrong.",
    "data": "Lock, check and sample datasets.",
    "security": "Write the page of rights and threats.",
    "compute": "Show which runner trains which model.",
    "selftest": "See each gate stop a planted defect.",
    "train": "Train a candidate.",
    "compare": "Compare a candidate with the champion, or two versions.",
    "review": "Train, compare and report: what a pull request runs.",
    "comment": "Say under a fork's pull request what its review found.",
    "register": "Train on all data and register a new version.",
    "promote": "Give a version a stage, if the gates let it pass.",
    "rollback": "Give a stage back to the version before.",
    "retire": "Take a version, a stage or a model out of use.",
    "rollout": "Give a challenger traffic, step by step.",
    "package": "Make what an image of a version is built from.",
    "deploy": "Make environments run what the registry says.",
    "contract": "Ask a server all that a version promises.",
    "health": "Say how the versions fare where they run.",
    "repo": "Compare the repository's settings with its files, and set them up.",
    "pull": "Follow a version on a machine that nobody deploys to.",
    "serve": "Answer predictions over HTTP.",
    "score": "Predict for all rows of files.",
    "checkout": "Put the code of a version beside your work.",
    "show": "Show models, or the versions of one.",
    "history": "Show who did what to a model, when and why.",
    "which": "Name the version that holds a stage.",
    "describe": "Show all that is known of a version.",
    "verify": "Check a version against its record.",
    "reproduce": "Make a version again and compare what both predict.",
    "repredict": "Make a logged prediction again and compare.",
    "dora": "Show how fast changes reach people, and how often they fail.",
    "audit": "Check the whole ledger against itself and the forge.",
    "doctor": "Name what is odd about the registry and this clone.",
}


_ML = {"numpy", "pandas", "sklearn", "skops", "starlette", "uvicorn"}
"""Top-level modules that the light core leaves out."""


class Commands(click.Group):
    """Loads a command's module when the command is called, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"pennon.cli.{module}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_ABOUT.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="%(prog)s %(version)s")
def cli() -> None:
    """Your GitHub repository is the model registry.

    Every option can also come from the environment: PENNON_<COMMAND>_<OPTION>.
    """


def main() -> None:
    """Run the command line; an error of ours becomes one message and its own exit code."""
    try:
        cli(auto_envvar_prefix="PENNON", prog_name="pennon")
    except PennonError as error:
        _end(error)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _ML:
            raise
        hint = "uv pip sync requirements.lock in a model repository, else pip install 'pennon[ml]'"
        _end(MissingExtraError(f"this command needs {error.name}, which is not here", hint=hint))


def _end(error: PennonError) -> NoReturn:
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error.what}", err=True)
    if error.hint:
        click.echo(f"{click.style('next:', bold=True)} {error.hint}", err=True)
    sys.exit(error.exit_code)
