"""check: is the repository what pennon can work with?"""

from __future__ import annotations

import sys

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit
from pennon.cli.world import world


@click.command()
@click.option("--push", is_flag=True, help="Be git's pre-push hook: refuse what is not for a push.")
@json_option
def check(*, push: bool, json: bool) -> None:
    """Read the whole configuration and say all that is wrong with it.

    Example: pennon check
    """
    if push:
        from pennon.flows.upkeep.pushed import check_push  # noqa: PLC0415  only what is called

        check_push(world(), sys.stdin)
        return
    from pennon.flows.check import check as flow  # noqa: PLC0415  only what is called

    config = flow(world())
    facts = {
        "models": list(config.project.models),
        "datasets": list(config.datasets),
        "gates": [gate.id for gate in config.gates.gates],
        "principles": [it.id for it in config.principles.principles],
        "environments": list(config.project.environments),
    }
    text = "\n".join(f"{name}: {', '.join(found) or 'none'}" for name, found in facts.items())
    emit(facts, f"sound\n{text}", json=json)
