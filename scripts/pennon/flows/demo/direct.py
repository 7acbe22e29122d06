"""The workflows' commands without their YAML: for machines without act (`pennon demo --no-act`)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pennon.flows.demo.theatre import Ran, Theatre

_COMMANDS = {"ci": (("pennon", "check"), ("pytest", "--quiet"))}
"""Workflow -> its commands, where it is not the one command of its own name."""


class Direct:
    """Runs what the workflow of that name would run, with the environment that it would set."""

    def __init__(self, theatre: Theatre) -> None:
        self._theatre = theatre

    def run(self, clone: Path, workflow: str, event: str, payload: Mapping[str, object]) -> Ran:
        """`clone` and `event` are those of the theatre and of the workflow."""
        _ = clone, event
        verb = workflow.removesuffix(".yml")
        inputs = payload.get("inputs", {})
        inputs = inputs if isinstance(inputs, dict) else {}
        with TemporaryDirectory() as folder:
            file = Path(folder) / "event.json"
            file.write_text(json.dumps(payload), encoding="utf-8")
            also = {"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "dana"}
            also |= {"GITHUB_EVENT_PATH": str(file), "GITHUB_RUN_ID": "1"}
            also |= {f"PENNON_{verb.upper()}_{key.upper()}": str(v) for key, v in inputs.items()}
            log = ""
            for command in _COMMANDS.get(verb, (("pennon", verb),)):
                done = self._theatre.attempt(sys.executable, "-m", *command, also=also)
                log += done.stdout + done.stderr
                if done.returncode:
                    return Ran(ok=False, log=log)
        return Ran(ok=True, log=log)
