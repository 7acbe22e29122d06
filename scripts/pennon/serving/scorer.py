"""`python -m pennon.serving.scorer BUNDLE FD NICE`: one process that scores for one version.

It runs in the version's own environment with the version's own code, and ends with its server.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.cells import frame, rows_of
from pennon.errors import ArtifactError, DataError, PennonError
from pennon.serving.wire import PROTOCOL, Answer, Ask, Explained, Frames, Hello, packed

if TYPE_CHECKING:
    import pandas as pd

PIECE = 1 << 16
SECONDS = 5.0
"""That an explanation may take: after them it compares with fewer rows."""


class Scorer:
    """A bundle that is loaded. What its code raises is an answer, too."""

    def __init__(self, folder: Path) -> None:
        """Raises ArtifactError where it cannot be loaded or cannot predict its own example."""
        self.bundle = Bundle(folder)
        self.bundle.load()
        self._inputs = self.bundle.facts.signature.inputs
        if self.bundle.example is not None:
            example = rows_of([self.bundle.example], self._inputs)
            if error := self.answer(Ask(example)).error:
                raise ArtifactError(f"it cannot predict its own example row: {error}")

    def answer(self, ask: Ask) -> Answer:
        try:
            predictions = self.bundle.score(ask.rows)
            explanations = self._explain(ask) if ask.explain else None
        except PennonError as error:
            return Answer(error=str(error), refused=isinstance(error, DataError))
        except Exception as error:  # noqa: BLE001  the repository's own code
            return Answer(error=f"{type(error).__name__}: {error}")
        return Answer(predictions, explanations)

    def _explain(self, ask: Ask) -> list[Explained]:
        from pennon.evaluation.explain import contributions  # noqa: PLC0415  only where asked

        rows = frame(ask.rows, self._inputs)
        found = contributions(self.bundle.predict, rows, self._background, seed=0, seconds=SECONDS)
        added = found.added.tolist()
        return [Explained(found.base, dict(zip(found.names, row, strict=True))) for row in added]

    @cached_property
    def _background(self) -> pd.DataFrame:
        if not self.bundle.background:
            raise DataError("this version has no rows to explain predictions by")
        return frame(rows_of(self.bundle.background, self._inputs), self._inputs)


def main(folder: Path, descriptor: int, nice: int) -> None:
    """Say hello, then answer until the server hangs up. The model is loaded at priority `nice`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server says when it is over
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    server = socket.socket(fileno=descriptor)
    with ThreadPoolExecutor(1) as answering:
        answering.submit(int).result()  # its thread begins now, at the priority of the server
        _step_back(nice)
        try:
            scorer = Scorer(folder)
        except PennonError as error:
            server.sendall(packed(Hello(protocol=PROTOCOL, error=str(error))))
            return
        answering.submit(_answer, server, scorer).result()


def _answer(server: socket.socket, scorer: Scorer) -> None:
    engine = scorer.bundle.engine
    hello = Hello(protocol=PROTOCOL, engine=engine.kind, together=engine.rowwise)
    server.sendall(packed(hello))
    asks, frames = msgspec.msgpack.Decoder(Ask), Frames()
    while received := server.recv(PIECE):
        for content in frames.feed(received):
            server.sendall(packed(scorer.answer(asks.decode(content))))


def _step_back(nice: int) -> None:
    """Whoever is served meanwhile goes first: on Linux each thread has a priority of its own.

    The main thread loads, as libraries that are imported expect, and stays where it is put.
    """
    if nice and sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)


if __name__ == "__main__":
    os.dup2(2, 1)  # whatever a model prints belongs to the log
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
