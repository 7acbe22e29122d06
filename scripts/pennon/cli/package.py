"""package: a version as something that an image can be built of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit, steps
from pennon.cli.reading import asked
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.package import Packaged


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_PACKAGE_MODEL")
@click.option("--to", required=True, type=click.Path(path_type=Path), help="The folder to make.")
@click.option("--base", default="", help="Image to build on.  [default: python:X.Y-slim]")
@click.option("--repository", default="", help="Where the image goes, such as ghcr.io/acme/delay.")
@click.option("--wheel", is_flag=True, help="A wheel in that folder instead, for pip.")
@dry_run_option
@json_option
def package(
    wanted: str, *, to: Path, base: str, repository: str, wheel: bool, dry_run: bool, json: bool
) -> None:
    """Make a folder that an image of a version can be built from, and say how.

    Example: pennon package delay@v1.0.0 --to image
    """
    if wheel:
        if base or repository:
            raise click.UsageError("--base and --repository are of images, and a wheel is none")
        _wheel(wanted, to, dry_run=dry_run, json=json)
        return
    from pennon.flows.package import package as flow  # noqa: PLC0415  only what is called

    found = flow(world(), asked(wanted), to, base=base, repository=repository, dry_run=dry_run)
    emit(found, _text(found, dry_run=dry_run), json=json)


def _wheel(wanted: str, to: Path, *, dry_run: bool, json: bool) -> None:
    from pennon.flows.versions.wheel import wheel  # noqa: PLC0415  only what is called

    found = wheel(world(), asked(wanted), to, dry_run=dry_run)
    emit(found, steps([f"write {found.file}"]) if dry_run else found.command, json=json)


def _text(it: Packaged, *, dry_run: bool) -> str:
    if dry_run:
        return steps(f"write {it.folder}/{name}" for name in it.files)
    return it.command
