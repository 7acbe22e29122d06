"""The scorers of one version: rows wait their turn, and those that wait are scored together."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path
from typing import NamedTuple

import msgspec

from pennon.artifacts.bundle import Bundle
from pennon.artifacts.cells import Row
from pennon.artifacts.served import Part
from pennon.errors import ArtifactError, PennonError
from pennon.serving.process import Process
from pennon.serving.rows import Reader
from pennon.serving.wire import Answer, Ask, Hello

MOST_TOGETHER = 256
"""Rows of several requests that are scored at once; a larger request goes alone."""
MOST_WAITING = 2_000
"""Requests that may wait for a version: whoever comes later is told to come again."""
_PAUSE = 1.0


class ScoringError(PennonError):
    """The model could not answer this request; `refused` where the request is to blame."""

    def __init__(self, what: str, *, refused: bool = False) -> None:
        super().__init__(what)
        self.refused = refused


class BusyError(PennonError):
    """Too many requests wait already, or no scorer is alive."""


class _Job(NamedTuple):
    ask: Ask
    answer: asyncio.Future[Answer]


class Pool:
    """Made by `Pool.start`; whoever holds it ends it by `drain`."""

    def __init__(self, part: Part, workers: int) -> None:
        """Raises ArtifactError where the folder is no bundle or its artifact not the recorded."""
        bundle = Bundle(Path(part.bundle))
        self.part = part
        self.facts, self.example = bundle.facts, bundle.example
        self.reader = Reader.of(bundle)
        self.hello = Hello(protocol=0)
        self.workers = workers
        self._waiting: deque[_Job] = deque()
        self._idle: list[Process] = []
        self._busy: dict[Process, list[_Job]] = {}
        self._again: set[asyncio.Task[None]] = set()
        self._ends = False

    @classmethod
    async def start(cls, part: Part, workers: int, *, gently: bool) -> Pool:
        """Every scorer loaded, each having predicted its example. Raises ArtifactError.

        `gently` is how it is loaded beside a version that serves.
        """
        pool = await asyncio.to_thread(cls, part, workers)  # a digest of much may take a while
        begun = (pool.begin(gently=gently) for _ in range(workers))
        failed = [it for it in await asyncio.gather(*begun, return_exceptions=True) if it]
        if failed:
            await pool.drain()
            raise failed[0]
        return pool

    @property
    def alive(self) -> int:
        return len(self._idle) + len(self._busy)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def score(self, rows: list[Row], *, explain: bool = False) -> Answer:
        """Predictions of these rows. Raises ScoringError, BusyError."""
        if len(self._waiting) >= MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} requests wait already")
        if not self.alive:
            raise BusyError("no process of this version is alive just now")
        job = _Job(Ask(rows, explain), asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._feed()
        answer = await job.answer
        if answer.error:
            raise ScoringError(answer.error, refused=answer.refused)
        return answer

    async def drain(self) -> None:
        """Answer whatever was asked, then end the processes."""
        self._ends = True
        jobs = [*self._waiting, *(job for jobs in self._busy.values() for job in jobs)]
        if jobs and self.alive:
            await asyncio.wait([job.answer for job in jobs])
        for task in self._again:
            task.cancel()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(process.end() for process in idle))

    async def begin(self, *, gently: bool) -> None:
        """One more process. Raises ArtifactError."""
        process = Process(self._answered)
        self.hello = await process.start(Path(self.part.bundle), self.part.python, gently=gently)
        self._idle.append(process)
        self._feed()

    def _feed(self) -> None:
        while self._idle and self._waiting:
            process, jobs = self._idle.pop(), self._next()
            if not jobs:
                self._idle.append(process)
                return
            self._busy[process] = jobs
            rows = [row for job in jobs for row in job.ask.rows]
            process.ask(Ask(rows, jobs[0].ask.explain))

    def _next(self) -> list[_Job]:
        """The requests that are scored together: whoever has hung up is left out."""
        jobs: list[_Job] = []
        room = MOST_TOGETHER
        while self._waiting:
            job = self._waiting[0]
            if job.answer.done():
                self._waiting.popleft()
                continue
            room -= len(job.ask.rows)
            alone = job.ask.explain or not self.hello.together
            if jobs and (room < 0 or alone or jobs[0].ask.explain):
                break
            jobs.append(self._waiting.popleft())
            if alone:
                break
        return jobs

    def _answered(self, process: Process, answer: Answer | None) -> None:
        jobs = self._busy.pop(process, [])
        if answer is None:
            self._lost(process, jobs)
            return
        if answer.error and len(jobs) > 1:  # one of them is to blame: the others need not know
            self._busy[process] = jobs[:1]
            self._waiting.extendleft(reversed(jobs[1:]))
            process.ask(jobs[0].ask)
            return
        _hand_out(jobs, answer)
        self._idle.append(process)
        self._feed()

    def _lost(self, process: Process, jobs: list[_Job]) -> None:
        """A process died: those whom it worked for are told, and another one is started."""
        if process in self._idle:
            self._idle.remove(process)
        died = Answer(error="the process that scored it died")
        _hand_out(jobs, died)
        if not self.alive:
            _hand_out([*self._waiting], died)
            self._waiting.clear()
        if not self._ends:
            task = asyncio.get_running_loop().create_task(self._replace())
            self._again.add(task)
            task.add_done_callback(self._again.discard)

    async def _replace(self) -> None:
        while not self._ends:
            try:
                await self.begin(gently=bool(self.alive))
            except ArtifactError:
                await asyncio.sleep(_PAUSE)
            else:
                return


def _hand_out(jobs: list[_Job], answer: Answer) -> None:
    at = 0
    for job in jobs:
        end = at + len(job.ask.rows)
        if not job.answer.done():
            predictions = answer.predictions[at:end]
            job.answer.set_result(msgspec.structs.replace(answer, predictions=predictions))
        at = end
