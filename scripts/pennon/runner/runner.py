"""The machine that runs a workflow: who, which run, and the files that it reads."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TextIO

from pennon.runner import text
from pennon.runner.event import Event, parse


@dataclass(frozen=True)
class Runner:
    """GitHub Actions, or nothing of the kind: then outputs and summaries go nowhere."""

    environment: Mapping[str, str]
    stream: TextIO

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], stream: TextIO) -> Runner:
        """`stream` gets log lines: GitHub reads commands from both streams of a step."""
        return cls(environment, stream)

    @property
    def is_actions(self) -> bool:
        return self.environment.get("GITHUB_ACTIONS") == "true"

    @property
    def repository(self) -> str:
        return self.environment.get("GITHUB_REPOSITORY", "")

    @property
    def actor(self) -> str:
        """Who triggered this run, a re-run included; empty outside of Actions."""
        keys = ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")
        found = [self.environment.get(key, "") for key in keys] if self.is_actions else []
        return next((name for name in found if name), "")

    @property
    def run(self) -> int:
        return int(self.environment.get("GITHUB_RUN_ID") or 0)

    @property
    def attempt(self) -> int:
        return int(self.environment.get("GITHUB_RUN_ATTEMPT") or 1)

    @property
    def run_url(self) -> str:
        server = self.environment.get("GITHUB_SERVER_URL", "")
        known = self.is_actions and server and self.repository and self.run
        return f"{server}/{self.repository}/actions/runs/{self.run}" if known else ""

    @cached_property
    def event(self) -> Event:
        path = self.environment.get("GITHUB_EVENT_PATH", "")
        return parse(Path(path).read_bytes()) if path and Path(path).is_file() else Event()

    def output(self, name: str, value: str) -> None:
        self._append("GITHUB_OUTPUT", text.output(name, value, f"end-{secrets.token_hex(16)}"))

    def summary(self, *markdown: str) -> None:
        """As many of these, in their order, as this step's summary still has room for."""
        there = Path(self.environment.get("GITHUB_STEP_SUMMARY", ""))
        used = there.stat().st_size if there.is_file() else 0
        self._append("GITHUB_STEP_SUMMARY", text.summary(markdown, used))

    def annotate(self, level: str, message: str, *, file: str = "", line: int = 0) -> None:
        """A notice, warning or error beside the code; outside of Actions nobody would read it."""
        if self.is_actions:
            print(text.annotation(level, message, file=file, line=line), file=self.stream)

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold what is said inside, in the log of a step."""
        if self.is_actions:
            print(f"::group::{title}", file=self.stream, flush=True)
        try:
            yield
        finally:
            if self.is_actions:
                print("::endgroup::", file=self.stream, flush=True)

    def _append(self, variable: str, content: str) -> None:
        path = self.environment.get(variable)
        if path:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(content)
