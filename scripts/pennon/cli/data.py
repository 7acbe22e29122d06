"""data lock, data check, data sample."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit
from pennon.cli.world import world
from pennon.errors import DataError

name_argument = click.argument("name", required=False, metavar="[DATASET]")


@click.group()
def data() -> None:
    """Lock, check and sample datasets (all of them, unless one is named)."""


@data.command()
@name_argument
@dry_run_option
@json_option
def lock(name: str | None, *, dry_run: bool, json: bool) -> None:
    """Write digests and row count into data/<name>.yaml, if the data keeps its contract.

    Example: pennon data lock flights
    """
    from pennon.flows.data import lock as flow  # noqa: PLC0415  only what is called

    found = flow(world(), name, dry_run=dry_run)
    lines = [
        f"{it.dataset}: {it.lock.rows} rows, {it.lock.content[:19]}"
        + ("" if it.changed else " (as locked before)")
        for it in found
    ]
    emit(found, "\n".join(lines), json=json)


@data.command()
@name_argument
@json_option
def check(name: str | None, *, json: bool) -> None:
    """Hold the data to its contract and its lock; exit 4 and name every breach.

    Example: pennon data check
    """
    from pennon.flows.data import check as flow  # noqa: PLC0415  only what is called

    found = flow(world(), name)
    lines = [
        f"{it.dataset}: {it.rows} rows"
        + ("".join(f"\n  {finding}" for finding in it.findings) or ", as promised")
        for it in found
    ]
    emit(found, "\n".join(lines), json=json)
    broken = [it.dataset for it in found if it.findings]
    if broken:
        raise DataError(
            f"the data of {', '.join(broken)} is not what its file says",
            hint="mend the data, or change the contract and run: pennon data lock",
        )


@data.command()
@name_argument
@dry_run_option
@json_option
def sample(name: str | None, *, dry_run: bool, json: bool) -> None:
    """Write data/sample/<name>.csv: the rows that a pull request trains on.

    Example: pennon data sample flights
    """
    from pennon.flows.data import write_sample  # noqa: PLC0415  only what is called

    found = write_sample(world(), name, dry_run=dry_run)
    verb = "would write" if dry_run else "wrote"
    text = "\n".join(f"{verb} {file}: {rows} rows" for file, rows in found.items())
    emit(found, text, json=json)
