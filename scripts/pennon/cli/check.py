"""check: is the repository what pennon can work with?"""

from __future__ import annotations

import click

from pennon.cli.options import json_option, world
from pennon.cli.output import emit


@click.command()
@json_option
def check(*, json: bool) -> None:
    """Read the whole configuration and say all that is wrong with it.

    Example: pennon check
    """
    from pennon.flows.check import check as flow  # noqa: PLC0415  only what is called

    config = flow(world())
    facts = {
        "models": list(config.project.models),
        "datasets": list(config.datasets),
        "gates": [gate.id for gate in config.gates.gates],
        "environments": list(config.project.environments),
    }
    text = "\n".join(f"{name}: {', '.join(found) or 'none'}" for name, found in facts.items())
    emit(facts, f"sound\n{text}", json=json)
