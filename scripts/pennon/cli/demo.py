"""demo: the whole loop, on this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Play in this folder and leave it.")
@click.option("--act/--no-act", "with_act", default=True, help="Run workflows, or only commands.")
def demo(*, keep: Path | None, with_act: bool) -> None:
    """Watch a model repository live through its whole cycle on real flights, without an account.

    Each step is checked: the demo exits with 15 if one does not do what it says.

    Example: pennon demo --keep /tmp/flights-demo
    """
    from pennon.flows.demo.run import demo as flow  # noqa: PLC0415  only what is called

    flow(keep, with_act=with_act, now=lambda: datetime.now(UTC), say=click.echo)  # noqa: TID251
