"""env: environments as the forge has them."""

from __future__ import annotations

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, table
from pennon.cli.world import world

_HELD = {True: "enforced", False: "recorded", None: "unknown"}


@click.command()
@click.argument("do", type=click.Choice(["plan", "apply"]), envvar="PENNON_ENV_DO")
@json_option
def env(do: str, *, json: bool) -> None:
    """Compare the environments of pennon.yaml with those of GitHub, and say what is enforced.

    plan changes nothing. apply makes them, and their reviewers, branches and tags, what the file
    says; it needs an administrator's token. What the file does not speak of stays.

    Example: pennon env plan
    """
    from pennon.flows.deployment.environments import compare  # noqa: PLC0415  only what is called

    found = compare(world(), apply=do == "apply")
    did = "would change" if do == "plan" else "changed"
    lines = [f"{did} {it.environment}: {it.what}" for it in found.changes] or ["nothing differs"]
    lines += [f"{name} is not in pennon.yaml, and left alone" for name in found.alone]
    if found.rules:
        rows = [(it.environment, it.rule, _HELD[it.enforced], it.why) for it in found.rules]
        lines.append(table(("ENVIRONMENT", "RULE", "IS", "BY"), rows))
    emit(found, "\n".join(lines), json=json)
