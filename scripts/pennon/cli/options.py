"""Options that several commands share. Light: a command that only reads has nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", is_flag=True, help="The same facts as JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done; do nothing.")


def model_argument(command: str, *, required: bool = True) -> Callable[[F], F]:
    envvar = f"PENNON_{command.upper()}_MODEL"
    return click.argument("model", required=required, envvar=envvar)
