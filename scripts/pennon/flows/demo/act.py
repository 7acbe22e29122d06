"""Workflows of the model repository, run by the real `act` on this machine, without Docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess  # noqa: TID251  act is a program
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pennon import __version__
from pennon.errors import MissingExtraError
from pennon.flows.demo.theatre import Ran

REFERENCE = f"v{__version__.partition('.')[0]}"
OURS = "pennon-ml/pennon"
STAND_INS = Path(__file__).parent / "stand-ins"

# GitHub has had them since spring 2026; act 0.2.89 refuses a workflow that has one.
_UNKNOWN_TO_ACT = re.compile(r"^ +(?:queue: max|deployment: false)(?: +#.*)?\n", re.MULTILINE)


class Act:
    """Runs workflow files of a clone with our actions and workflows taken from the folder `kit`.

    `kit` is a copy made for this (`pennon.assets.export`): keys that act does not know are taken
    out of its workflows. `variables` reach every step. GitHub's own actions, which a host without
    network lacks, are stood in for by small ones beside this module.
    """

    def __init__(self, kit: Path, cache: Path, variables: Mapping[str, str]) -> None:
        found = shutil.which("act", path=str(Path(sys.executable).parent)) or shutil.which("act")
        if found is None:
            raise MissingExtraError(
                "the demo runs workflows with act, which is not installed",
                hint="pip install 'pennon[demo]', or add --no-act to run the same commands without",
            )
        self._act = found
        self._kit = kit
        self._cache = cache
        self._variables = variables
        for file in (kit / ".github" / "workflows").glob("*.yml"):
            file.write_text(readable(file.read_text(encoding="utf-8")), encoding="utf-8")

    def run(self, clone: Path, workflow: str, event: str, payload: Mapping[str, object]) -> Ran:
        """Run `.github/workflows/<workflow>` for an event with this payload."""
        with TemporaryDirectory() as folder:
            file, copy = Path(folder) / "event.json", Path(folder) / workflow
            file.write_text(json.dumps(payload), encoding="utf-8")
            original = clone / ".github" / "workflows" / workflow
            copy.write_text(readable(original.read_text(encoding="utf-8")), encoding="utf-8")
            command = [self._act, event, "--eventpath", str(file), "--workflows", str(copy)]
            command += self._options()
            done = subprocess.run(  # noqa: S603  act, with our arguments
                command,
                cwd=clone,
                env=os.environ | self._variables,  # noqa: TID251  the steps need the user's path
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        return Ran(done.returncode == 0, done.stdout)

    def _options(self) -> list[str]:
        options = ["--platform", "ubuntu-latest=-self-hosted", "--no-cache-server", "--pull=false"]
        options += ["--action-cache-path", str(self._cache), "--actor", "dana"]
        options += ["--local-repository", f"{OURS}@{REFERENCE}={self._kit}"]
        for action in sorted(STAND_INS.glob("*/*@*")):
            name, _, reference = action.relative_to(STAND_INS).as_posix().partition("@")
            options += ["--local-repository", f"{name}@{reference}={action}"]
        for name, value in self._variables.items():
            options += ["--env", f"{name}={value}"]
        return options


def readable(workflow: str) -> str:
    """The text of a workflow without the two keys that act does not know; it queues nothing."""
    return _UNKNOWN_TO_ACT.sub("", workflow)
