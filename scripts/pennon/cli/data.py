"""data lock, data check, data sample, data docs, data profile."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit
from pennon.cli.world import world
from pennon.errors import DataError

name_argument = click.argument("name", required=False, metavar="[DATASET]")


@click.group()
def data() -> None:
    """Lock, check, sample, document and profile datasets (all, unless one is named)."""


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
    _refuse_broken([it.dataset for it in found if it.findings])


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


@data.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 3 if the page is out of date.")
@dry_run_option
@json_option
def docs(*, check: bool, dry_run: bool, json: bool) -> None:
    """Write docs/data.md: every dataset and column, as the contracts have them.

    Example: pennon data docs
    """
    from pennon.flows.upkeep.dictionary import check_page, write_page  # noqa: PLC0415  only what is called

    found = check_page(world()) if check else write_page(world(), dry_run=dry_run)
    verb = "would write" if dry_run and found.changed else "wrote" if found.changed else "kept"
    emit(found, f"{verb} {found.file}: {', '.join(found.datasets)}", json=json)


@data.command()
@name_argument
@json_option
def profile(name: str | None, *, json: bool) -> None:
    """Show what limits the data: missing values, balance, duplicate keys, leaks.

    A leak is a question to people, and no error; data that breaks its contract or lock is (exit 4).

    Example: pennon data profile flights
    """
    from pennon.cli.profile import text  # noqa: PLC0415  only what is called
    from pennon.flows.profile import profiled  # noqa: PLC0415  the same

    found = profiled(world(), name)
    emit(found, text(found), json=json)
    _refuse_broken([it.dataset for it in found if it.findings])


def _refuse_broken(names: list[str]) -> None:
    if names:
        raise DataError(
            f"the data of {', '.join(names)} is not what its file says",
            hint="mend the data, or change the contract and run: pennon data lock",
        )
