"""The world that a command works in: this repository, this environment, the real clock."""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from pennon.errors import ForgeError
from pennon.flows.world import World
from pennon.forge import Forge
from pennon.git import Repo
from pennon.git.mirror import copy
from pennon.runner import Runner

_ON_GITHUB = re.compile(r"(?:^|[/@])github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$")


def world(repo: Repo | None = None) -> World:
    """The repository (that around the working directory), this environment, the real clock."""
    repo = repo or Repo.at(Path.cwd())
    environment = dict(os.environ)  # noqa: TID251  the one place that reads it
    runner = Runner.from_environment(environment, sys.stderr)
    return World(
        repo=repo,
        runner=runner,
        open_forge=lambda: forge(repo, runner, environment),
        now=now,
        say=lambda text: click.echo(text, err=True),
        targets=_targets(environment),
        cache=_cache(environment),
    )


def reader(where: str | Path | None) -> World:
    """The world of a clone, or of a URL: of that a bare copy is kept in the user's cache."""
    if where is None or Path(where).is_dir():
        return world(Repo.at(Path(where or ".").resolve()))
    return world(copy(str(where), _cache(dict(os.environ))))  # noqa: TID251  as above


def follower(where: str, cache: Path) -> World:
    """The world of a repository that is followed, from a bare copy below `cache`.

    Its forge is that of the repository, wherever this runs; public files need no token.
    """
    environment = dict(os.environ)  # noqa: TID251  as above
    repo = copy(str(Path(where).resolve()) if Path(where).exists() else where, cache)
    nobody = Runner.from_environment({}, sys.stderr)
    return replace(world(repo), open_forge=lambda: forge(repo, nobody, environment, public=True))


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the real clock, handed in from here


def _cache(environment: dict[str, str]) -> Path:
    """The user's folder for what can be fetched again."""
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pennon"


def _targets(environment: dict[str, str]) -> Path:
    """PENNON_TARGETS, else the user's folder for program state."""
    state = environment.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(environment.get("PENNON_TARGETS") or Path(state) / "pennon")


def forge(
    repo: Repo, runner: Runner, environment: dict[str, str], *, public: bool = False
) -> Forge:
    """PENNON_FORGE (`local:<directory>` or `github:<owner>/<name>`), else where we are.

    In GitHub Actions, and in a clone of a repository on github.com: GitHub. Elsewhere: a local
    forge in the git folder of a remote that is a directory on this machine, or in this clone's own.
    Where only `public` files are wanted, GitHub needs no token.
    """
    wanted = environment.get("PENNON_FORGE", "")
    kind, _, where = wanted.partition(":")
    if kind == "local" and where:
        return _local(Path(where))
    if kind == "github" and where:
        return _github(where, environment, public=public)
    if wanted:
        hint = "PENNON_FORGE is local:<directory> or github:<owner>/<name>"
        raise ForgeError(f"no forge is called {wanted!r}", hint=hint)
    if runner.is_actions and runner.repository:
        return _github(runner.repository, environment, public=public)
    if there := _ON_GITHUB.search(repo.remote_url() if repo.has_remote() else ""):
        return _github(there[1], environment, public=public)
    return _local(repo.private_folder("pennon-forge"))


def _local(directory: Path) -> Forge:
    from pennon.forge.local import LocalForge  # noqa: PLC0415  only one forge is ever needed

    return LocalForge(directory, clock=now)


def _github(repository: str, environment: dict[str, str], *, public: bool = False) -> Forge:
    token = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN")
    api_url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    if not token and public:
        from pennon.forge.github.public import PublicForge  # noqa: PLC0415  as below

        server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
        return PublicForge(
            repository=repository,
            api_url=api_url,
            server=server,
            sleep=time.sleep,
            now=time.time,
        )
    if not token:
        raise ForgeError(
            f"no token for {repository}",
            hint="set GITHUB_TOKEN (in a workflow: env, GITHUB_TOKEN: ${{ github.token }})",
        )
    from pennon.forge.github import GitHubForge  # noqa: PLC0415  PyGithub costs half a second

    return GitHubForge(repository, token, api_url=api_url, sleep=time.sleep, now=time.time)
