"""Options that several commands share, and the world that every command works in."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from pennon.errors import ForgeError
from pennon.flows.world import World
from pennon.forge import Forge
from pennon.git import Repo
from pennon.runner import Runner

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", is_flag=True, help="The same facts as JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done; do nothing.")


def model_argument(command: str, *, required: bool = True) -> Callable[[F], F]:
    envvar = f"PENNON_{command.upper()}_MODEL"
    return click.argument("model", required=required, envvar=envvar)


def world() -> World:
    """The repository around the working directory, this environment, the real clock."""
    repo = Repo.at(Path.cwd())
    environment = dict(os.environ)  # noqa: TID251  the one place that reads it
    runner = Runner.from_environment(environment, sys.stderr)
    return World(
        repo=repo,
        runner=runner,
        open_forge=lambda: forge(repo, runner, environment),
        now=_now,
        say=lambda text: click.echo(text, err=True),
        targets=_targets(environment),
    )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the real clock, handed in from here


def _targets(environment: dict[str, str]) -> Path:
    """PENNON_TARGETS, else the user's folder for program state."""
    state = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(environment.get("PENNON_TARGETS") or Path(state) / "pennon")


def forge(repo: Repo, runner: Runner, environment: dict[str, str]) -> Forge:
    """PENNON_FORGE (`local:<directory>` or `github:<owner>/<name>`), else where we are.

    In GitHub Actions: GitHub. Elsewhere: a local forge in the git folder of a remote that is a
    directory on this machine, or in this clone's own.
    """
    wanted = environment.get("PENNON_FORGE", "")
    kind, _, where = wanted.partition(":")
    if kind == "local" and where:
        return _local(Path(where))
    if kind == "github" and where:
        return _github(where, environment)
    if wanted:
        hint = "PENNON_FORGE is local:<directory> or github:<owner>/<name>"
        raise ForgeError(f"no forge is called {wanted!r}", hint=hint)
    if runner.is_actions and runner.repository:
        return _github(runner.repository, environment)
    return _local(repo.private_folder("pennon-forge"))


def _local(directory: Path) -> Forge:
    from pennon.forge.local import LocalForge  # noqa: PLC0415  only one forge is ever needed

    return LocalForge(directory, clock=_now)


def _github(repository: str, environment: dict[str, str]) -> Forge:
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN")
    if not token:
        raise ForgeError(
            f"no token for {repository}",
            hint="set GITHUB_TOKEN (in a workflow: env, GITHUB_TOKEN: ${{ github.token }})",
        )
    from pennon.forge.github import GitHubForge  # noqa: PLC0415  PyGithub costs half a second

    api_url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    return GitHubForge(repository, token, api_url=api_url, sleep=time.sleep, now=time.time)
