"""What a flow may touch, handed in by the command line: repository, forge, runner, clock, voice."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import msgspec

from pennon.config import GATES, PROJECT, Config, Gates, Project, load, read
from pennon.errors import GitError
from pennon.forge import Forge
from pennon.git import Repo
from pennon.git.branches import remote_tip
from pennon.registry import ModelState, Reference, read_local, read_remote, reference
from pennon.runner import Runner


@dataclass(frozen=True)
class World:
    """One per command. The forge is opened at its first use: most reading needs none."""

    repo: Repo
    runner: Runner
    open_forge: Callable[[], Forge]
    now: Callable[[], datetime]
    say: Callable[[str], None]
    targets: Path  # where the local target keeps its environments
    sleep: Callable[[float], None] = time.sleep
    cache: Path | None = None  # what outlives a work tree
    at: str = ""  # a commit, where the files of the work tree are not to be read
    remember: dict[str, ModelState] | None = None  # where a ledger is to be read once

    @property
    def root(self) -> Path:
        return self.repo.root

    @cached_property
    def forge(self) -> Forge:
        return self.open_forge()

    @cached_property
    def actor(self) -> str:
        """Who is to be named in the record: the person behind the run, or whom git knows."""
        return self.runner.actor or self.repo.identity().partition(" <")[0]

    @property
    def workshop(self) -> Path:
        """Runs and bundles of this work tree; ignored by git, safe to delete."""
        return self.root / ".pennon"

    def config(self) -> Config:
        return load(self.read_text)

    def config_at(self, commit: str) -> Config:
        """The configuration as a commit has it."""
        return load(lambda path: self.repo.show(commit, path))

    def config_of_record(self) -> Config:
        """The configuration with the gates that the remote's default branch has.

        A work tree may say what it likes: what a promotion needs is what was agreed on.
        """
        config, branch = self.config(), self.repo.default_branch()
        tip = remote_tip(self.repo, branch)
        said = self.repo.show(tip, GATES) if tip else None
        if said is None or said == config.texts.get(GATES):
            return config
        self.say(f"{GATES} of {self.repo.remote}/{branch} decides, which this work tree has not")
        return msgspec.structs.replace(config, gates=read(said, Gates, GATES))

    def reference(self, text: str) -> Reference:
        """`MODEL#STAGE` and the like, with the stage's own name where pennon.yaml has an alias."""
        asked = reference(text)
        said = self.read_text(PROJECT) if asked.stage else None
        if asked.stage and said is None:  # a bare copy has its files at its head alone
            said = self.repo.show("HEAD", PROJECT)
        stage = read(said, Project, PROJECT).stage(asked.stage) if said else asked.stage
        return Reference(asked.model, asked.version, stage)

    def state(self, model: str) -> ModelState:
        """The ledger of a model as the remote has it, or this clone where that cannot be asked.

        For reading only: a job without credentials still has the tags of its checkout.
        """
        if self.remember is None:
            return self._state(model)
        if model not in self.remember:
            self.remember[model] = self._state(model)
        return self.remember[model]

    def _state(self, model: str) -> ModelState:
        try:
            return read_remote(self.repo, model)[0]
        except GitError as error:
            self.say(f"using the tags of this clone: {error.what}")
            return read_local(self.repo, model)

    def read_text(self, path: str) -> str | None:
        if self.at:
            return self.repo.show(self.at, path)
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def seconds(self) -> float:
        return self.now().timestamp()

    def timestamp(self) -> str:
        """Now, as RFC 3339 in UTC with whole seconds."""
        return self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
