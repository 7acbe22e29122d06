"""Who scores chunks: processes of this machine. A cluster is in `cluster`."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from pennon.serving.batch.plan import BatchError, Chunk, Plan, Scored
from pennon.serving.batch.worker import load, score, settle

F = TypeVar("F")


class Engine(Protocol):
    """Scores the chunks of one file after another, as long as it is entered."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def warm(self) -> None:
        """Get ready while files are looked at."""

    def scored(self, plan: Plan, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Scored]]:
        """In the order of the chunks, a few at a time. The chunks come back without rows.

        Raises what the worker raised, BatchError where there is none any more.
        """
        ...


class Local:
    """So many processes, which share the processors."""

    def __init__(self, bundle: Path, workers: int) -> None:
        self.name = f"local, {workers} process{'' if workers == 1 else 'es'}"
        self._bundle, self._workers = bundle, workers

    def __enter__(self) -> Self:
        threads = max(1, processors() // self._workers)
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._workers, spawn, settle, (threads,))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=error is None, cancel_futures=True)
        if error is not None:  # nobody waits for chunks that are under way
            for child in multiprocessing.active_children():
                child.terminate()

    def warm(self) -> None:
        for _ in range(self._workers):
            self._pool.submit(load, self._bundle)

    def scored(self, plan: Plan, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Scored]]:
        try:
            yield from in_order(
                chunks,
                lambda chunk: self._pool.submit(score, self._bundle, plan, chunk),
                lambda future: future.result(),
                ahead=self._workers + 1,
            )
        except BrokenProcessPool:
            raise BatchError(
                f"{plan.file}: a process that scored it was killed",
                hint="it may have run out of memory: --chunk with fewer rows, or fewer --workers; "
                "the same command goes on where it was",
            ) from None


def in_order(
    chunks: Iterable[Chunk],
    submit: Callable[[Chunk], F],
    result: Callable[[F], Scored],
    *,
    ahead: int,
) -> Iterator[tuple[Chunk, Scored]]:
    """Results in the order of the chunks, with at most `ahead` of them under way."""
    waiting: deque[tuple[Chunk, F]] = deque()
    for chunk in chunks:
        light = Chunk(chunk.first, chunk.next, chunk.share)
        waiting.append((light, submit(chunk)))
        if len(waiting) >= ahead:
            done, future = waiting.popleft()
            yield done, result(future)
    while waiting:
        done, future = waiting.popleft()
        yield done, result(future)


def processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
