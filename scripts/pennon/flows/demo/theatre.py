"""Where the demo plays: a bare origin, a clone to work in, a local forge, targets, a narrator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess  # noqa: TID251  the demo drives programs as a person would
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from pennon.errors import PennonError
from pennon.forge.local import LocalForge

_PEOPLE = {
    "GIT_AUTHOR_NAME": "Dana",
    "GIT_AUTHOR_EMAIL": "dana@example.com",
    "GIT_COMMITTER_NAME": "Dana",
    "GIT_COMMITTER_EMAIL": "dana@example.com",
}


class DemoError(PennonError):
    """A step of the demo did not do what the story says."""

    exit_code = 15


class Ran(msgspec.Struct, frozen=True):
    """A finished workflow run."""

    ok: bool
    log: str


class Workflows(Protocol):
    """Runs a workflow file of a clone: by act, or by its commands alone."""

    def run(self, clone: Path, workflow: str, event: str, payload: Mapping[str, object]) -> Ran: ...


@dataclass(frozen=True)
class Theatre:
    """All folders lie below `folder`; nothing else is written but the user's caches."""

    folder: Path
    forge: LocalForge
    say: Callable[[str], None]

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def work(self) -> Path:
        return self.folder / "flights"

    @property
    def variables(self) -> dict[str, str]:
        """What the steps of the workflows see, beside the user's own environment."""
        tools = Path(sys.executable).parent
        return {
            **_PEOPLE,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",  # noqa: TID251  for uv and git
            "PENNON_FORGE": f"local:{self.folder / 'forge'}",
            "PENNON_TARGETS": str(self.folder / "targets"),
            "PENNON_TOOLS": str(self.folder / "tools"),
            "PENNON_ARTIFACTS": str(self.folder / "artifacts"),
            "PENNON_ORIGIN": str(self.origin),
        }

    def git(self, *arguments: str) -> str:
        return self.call("git", *arguments)

    def pennon(self, *arguments: str) -> str:
        """A command as somebody types it in the clone; its standard output."""
        return self.call(sys.executable, "-m", "pennon", *arguments)

    def call(self, *command: str, also: Mapping[str, str] | None = None) -> str:
        done = self.attempt(*command, also=also)
        if done.returncode:
            raise DemoError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def attempt(
        self, *command: str, also: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own programs
            command,
            cwd=self.work,
            env=os.environ | self.variables | dict(also or {}),  # noqa: TID251  as above
            capture_output=True,
            text=True,
            check=False,
        )

    def expect(self, fact: object, otherwise: str) -> None:
        """The demo is a test that talks: what it says has to be so."""
        if not fact:
            raise DemoError(f"the demo expected that {otherwise}")

    def ask(self, port: int, path: str, body: bytes | None = None) -> dict[str, object]:
        """What the server on a port answers."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback
            found: dict[str, object] = json.loads(answer.read())
        return found

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
