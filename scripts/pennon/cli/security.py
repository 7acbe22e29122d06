"""security: the page for whoever has to approve the repository."""

from __future__ import annotations

import click

from pennon.cli.options import dry_run_option, json_option
from pennon.cli.output import emit
from pennon.cli.world import world


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 3 if the page is out of date.")
@dry_run_option
@json_option
def security(*, check: bool, dry_run: bool, json: bool) -> None:
    """Write docs/security.md: the rights of every job, whose code runs, and what could go wrong.

    Example: pennon security
    """
    from pennon.flows.security import check_page, write_page  # noqa: PLC0415  only what is called

    found = check_page(world()) if check else write_page(world(), dry_run=dry_run)
    verb = "would write" if dry_run and found.changed else "wrote" if found.changed else "kept"
    emit(found, f"{verb} {found.file}: {', '.join(found.workflows) or 'no workflow'}", json=json)
