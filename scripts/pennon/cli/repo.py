"""repo: the settings of the repository on its forge, as files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, table
from pennon.cli.world import world

if TYPE_CHECKING:
    from pennon.flows.upkeep.environments import Alone

_HELD = {True: "enforced", False: "recorded", None: "unknown"}


@click.command()
@click.argument("do", type=click.Choice(["plan", "apply"]), envvar="PENNON_REPO_DO")
@json_option
def repo(do: str, *, json: bool) -> None:
    """Compare the settings of the repository with its files, and say what is enforced.

    The files are .github/repository.yml (labels, variables), .github/rulesets/*.json and the
    environments of pennon.yaml. plan changes nothing. apply makes the settings what the files say;
    it needs an administrator's token. What no file speaks of stays.

    Example: pennon repo plan
    """
    from pennon.flows.repo import repo as settle  # noqa: PLC0415  only what is called

    found = settle(world(), apply=do == "apply")
    did = "would change" if do == "plan" else "changed"
    lines = [f"{did} {it.kind} {it.name!r}: {it.what}" for it in found.changes]
    lines = [*(lines or ["nothing differs"]), *_alone(found.alone)]
    if found.rules:
        rows = [(it.of, it.rule, _HELD[it.enforced], it.why) for it in found.rules]
        lines.append(table(("OF", "RULE", "IS", "BY"), rows))
    emit(found, "\n".join(lines), json=json)


def _alone(found: tuple[Alone, ...]) -> Iterator[str]:
    for kind, group in groupby(found, lambda it: it.kind):
        names = ", ".join(repr(it.name) for it in group)
        yield f"left alone, in no file: {kind} {names}"
