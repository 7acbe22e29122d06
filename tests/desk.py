"""For tests of batch scoring: a version, files of customers, and an engine in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pennon.artifacts.bundle import Bundle
from pennon.config import Kind
from pennon.serving.batch.engine import in_order
from pennon.serving.batch.files import pairs
from pennon.serving.batch.plan import Chunk, Form, Plan, Scored, Want
from pennon.serving.batch.prepare import Model, Settings
from pennon.serving.batch.record import Record
from pennon.serving.batch.run import Progress, Run, Watch
from pennon.serving.batch.worker import score
from shop import customers


class Here:
    """Scores in this process: a test that needs no second one need not wait for it.

    It breaks down at the chunk `last`, as a machine does.
    """

    name = "here"

    def __init__(self, bundle: Path, last: int = 1000) -> None:
        self._bundle, self._last = bundle, last

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing was begun."""

    def warm(self) -> None:
        """It is."""

    def scored(self, plan: Plan, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Scored]]:
        done = in_order(chunks, lambda it: score(self._bundle, plan, it), lambda it: it, ahead=1)
        for i, found in enumerate(done):
            if i == self._last:
                raise KeyboardInterrupt
            yield found


class Desk:
    """Where files are scored: `desk.score(...)` with the usual settings, and what was said."""

    def __init__(self, bundle: Path, folder: Path) -> None:
        facts = Bundle(bundle).facts
        self.bundle, self.folder = bundle, folder
        self.said: list[str] = []
        self.progress: list[Progress] = []
        self.told: Callable[[Progress], None] = self.progress.append
        self.model = Model(
            name="churn",
            version="v1.0.0",
            commit=facts.commit,
            artifact=facts.artifact,
            wants=(
                Want(name="age", kind=Kind.NUMBER),
                Want(name="spend", kind=Kind.NUMBER),
                Want(name="country", kind=Kind.STRING, among=("DE", "FR")),
            ),
            key=("id",),
        )

    @property
    def output(self) -> Path:
        return self.folder / "out.csv"

    def rows(self, text: str | None = None, name: str = "in.csv") -> Path:
        """A file of 1,000 customers, or of this text."""
        file = self.folder / name
        file.write_bytes((text or customers().to_csv(index=False)).encode())
        return file

    def score(
        self, file: Path, *, last: int = 1000, form: Form | None = None, **settings: object
    ) -> Record:
        asked = {"chunk": 100, "pennon": "0.1.0"} | settings
        (pair,) = pairs(file, self.output, form)
        watch = Watch(lambda: "2026-11-21T12:00:00Z", self.said.append, self.told)
        run = Run(self.model, Settings(**asked), watch)  # type: ignore[arg-type]  # any of them
        return run.score(Here(self.bundle, last), pair)

    def table(self) -> list[list[str]]:
        return [line.split(",") for line in self.output.read_text().splitlines()]

    def names(self) -> list[str]:
        return sorted(it.name for it in self.folder.iterdir())
