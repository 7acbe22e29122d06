"""pull: a machine that nobody deploys to follows a version."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit
from pennon.cli.world import follower, now
from pennon.registry import reference

if TYPE_CHECKING:
    from pennon.flows.pull import Pulled
    from pennon.flows.versions.offers import Offer, Source


@click.command()
@click.argument("wanted", metavar="MODEL[#STAGE|@VERSION]", envvar="PENNON_PULL_MODEL")
@click.option(
    "--from",
    "source",
    required=True,
    envvar="PENNON_PULL_FROM",
    metavar="URL_OR_PATH",
    help="The git repository; or an archive (.tar.gz), or the current.json of a place with some.",
)
@click.option(
    "--to",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder of this model on this machine.",
)
@click.option("--watch", type=click.FloatRange(min=0.1), metavar="SECONDS", help="Again and again.")
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=2,
    show_default=True,
    help="Versions that stay beside the current one.",
)
@click.option(
    "--signers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="SSH keys; every event of the model has to be signed by one of them.",
)
@json_option
def pull(  # noqa: PLR0917  its options
    wanted: str,
    source: str,
    to: Path,
    watch: float | None,
    keep: int,
    signers: Path | None,
    *,
    json: bool,
) -> None:
    """Bring the version that is wanted (the champion, if none is named) to DIR/current.

    Where the source does not answer, or offers something broken, the last good version stays and
    the exit code is that of the reason.

    Example: pennon pull delay#champion --from https://github.com/acme/flights --to /srv/delay
    """
    from pennon.flows.pull import Ask, Puller  # noqa: PLC0415  only what is called

    asked = reference(wanted)
    ask = Ask(model=asked.model, source=source, to=to.resolve(), keep=keep)
    look = _source(wanted, source, ask.to, signers)
    puller = Puller(ask, look, now, lambda text: click.echo(text, err=True))
    if watch:
        puller.forever(watch, time.sleep)
    found = puller.once()
    emit(found, _line(found, to), json=json)


def _source(wanted: str, source: str, to: Path, signers: Path | None) -> Source:
    from pennon.flows.versions.offers import archives, is_archive, registry  # noqa: PLC0415  as above

    asked = reference(wanted)
    if is_archive(source):
        return archives(source, asked)

    def look(seen: str) -> Offer:
        here = follower(source, to / ".pull")
        return registry(here, here.reference(wanted), signers)(seen)

    return look


def _line(it: Pulled, to: Path) -> str:
    if not it.changed:
        return f"{it.model}@{it.version} is current in {to}"
    return f"{it.model}@{it.version} is current in {to}{f', was {it.before}' if it.before else ''}"
