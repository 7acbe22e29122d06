"""Where a command that only reads finds the registry: this clone, or a remote without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from pennon.errors import GitError
from pennon.git import Repo
from pennon.git.mirror import mirror
from pennon.registry import Reference, bring, reference
from pennon.registry.reference import DEFAULT_STAGE

remote_option = click.option(
    "--remote", metavar="URL", help="Read the registry there; no clone is needed."
)


def asked(text: str, remote: str | None = None) -> Reference:
    """`MODEL`, `MODEL@VERSION`, `MODEL#STAGE`. A clone's pennon.yaml may have aliases of stages."""
    found = reference(text)
    if remote or found.stage in {"", DEFAULT_STAGE}:  # most questions: no file is read
        return found
    from pennon.cli.world import world  # noqa: PLC0415  as above

    return world().reference(text)


@contextmanager
def ledger(remote: str | None, model: str | None = None) -> Iterator[Repo]:
    """A repository with the registry's tags (of one model) in it.

    A shallow clone, as jobs have it, lacks tags or has one that checkout made lightweight: then its
    remote is asked, and its own tags are the answer only where that cannot be reached.
    """
    if remote:
        with mirror(remote) as there:
            bring(there, model)
            yield there
        return
    here = Repo.at(Path.cwd())
    if not here.is_shallow():
        yield here
        return
    with _asked(here, model) as found:
        yield found


@contextmanager
def _asked(here: Repo, model: str | None) -> Iterator[Repo]:
    with ExitStack() as opened:
        try:
            url = here.remote_url()
            beside = (here.root / url).resolve()
            found = opened.enter_context(mirror(str(beside) if beside.exists() else url))
            bring(found, model)
        except GitError as error:
            click.echo(f"using the tags of this shallow clone: {error.what}", err=True)
            found = here
        yield found
