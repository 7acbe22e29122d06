"""selftest: do the gates stop what they are there to stop?"""

from __future__ import annotations

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, many, table
from pennon.cli.world import world
from pennon.errors import RefusedError


@click.command()
@click.argument("models", nargs=-1, envvar="PENNON_SELFTEST_MODELS")
@json_option
def selftest(models: tuple[str, ...], *, json: bool) -> None:
    """Plant a defect for each gate of MODELS (every one, if none is named) and see it stopped.

    Nothing is trained. Exits with 7 if a gate lets its defect pass, or stops what is sound.

    Example: pennon selftest delay
    """
    from pennon.flows.selftest import selftest as flow  # noqa: PLC0415  the ML stack

    tried = flow(world(), models)
    rows = [
        (
            "ok" if it.held else "WRONG",
            it.model,
            it.gate or "(all)",
            it.rule or "-",
            it.defect,
            it.said,
        )
        for it in tried
    ]
    headers = ("", "MODEL", "GATE", "ASKS FOR", "PLANTED", "SAID")
    emit(tried, table(headers, rows), json=json)
    wrong = sum(not it.held for it in tried)
    if wrong:
        hint = "a limit that nothing reaches, too few rows, or a gate that may be unsure"
        raise RefusedError(f"{many(wrong, 'gate')} would not do what they are there for", hint=hint)
