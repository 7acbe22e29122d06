"""contract: does a server keep what it promises?"""

from __future__ import annotations

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, many
from pennon.cli.world import world


@click.command()
@click.argument("wanted", metavar="MODEL[@VERSION|#STAGE]", envvar="PENNON_CONTRACT_MODEL")
@click.option("--url", default="", help="Where it answers; the newest candidate, if not given.")
@click.option("--latency", type=click.FloatRange(min=0), help="Milliseconds that a row may take.")
@json_option
def contract(wanted: str, *, url: str, latency: float | None, json: bool) -> None:
    """Ask a server everything that the signature of a version promises, and its consumers expect.

    Without a --url the newest candidate of MODEL is served for it, on this machine.

    Example: pennon contract delay#champion --url https://staging.example.org
    """
    from pennon.flows.contract import contract as flow  # noqa: PLC0415  only what is called

    here = world()
    found = flow(here, here.reference(wanted), url=url, latency=latency)
    lines = [f"{'broken' if it.wrong else 'kept':7}{it.name}" for it in found.cases]
    emit(found, "\n".join([*lines, f"{many(len(found.cases), 'case')} asked"]), json=json)
    found.refuse()
