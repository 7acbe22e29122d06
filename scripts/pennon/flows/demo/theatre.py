"""Where the demo plays: a bare origin, a clone to work in, a local forge, targets, and a narrator."""

from __future__ import annotations

import subprocess  # noqa: TID251  the demo drives programs as a person would
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pennon.errors import PennonError
from pennon.forge import Pull
from pennon.forge.local import Dispatched, LocalForge

PEOPLE = {
    "GIT_AUTHOR_NAME": "Dana Scientist",
    "GIT_AUTHOR_EMAIL": "dana@example.com",
    "GIT_COMMITTER_NAME": "Dana Scientist",
    "GIT_COMMITTER_EMAIL": "dana@example.com",
}


class DemoError(PennonError):
    """A step of the demo did not do what the story says."""

    exit_code = 15


@dataclass(frozen=True)
class Theatre:
    """All folders below one; nothing outside of it is written but the user's caches."""

    folder: Path
    forge: LocalForge
    environment: dict[str, str]
    say: Callable[[str], None]

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    @property
    def work(self) -> Path:
        return self.folder / "flights"

    def git(self, *arguments: str) -> str:
        return self.call("git", *arguments)

    def pennon(self, *arguments: str) -> str:
        """A command as somebody types it in the clone; its standard output."""
        return self.call("pennon", *arguments)

    def call(self, *command: str) -> str:
        done = subprocess.run(  # noqa: S603  our own programs
            command,
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def expect(self, fact: object, otherwise: str) -> None:
        """The demo is a test that talks: what it says has to be so."""
        if not fact:
            raise DemoError(f"the demo expected that {otherwise}")

    def open_pull(self, branch: str, title: str) -> Pull:
        self.git("push", "--quiet", "--force", "origin", branch)
        return self.forge.open_pull(
            title=title,
            head=self.git("rev-parse", branch),
            base=self.git("rev-parse", "main"),
            base_branch="main",
        )


def queue(forge: LocalForge) -> list[Dispatched]:
    return forge.dispatches()
