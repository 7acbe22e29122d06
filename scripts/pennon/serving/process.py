"""One scorer process as its server sees it: started, asked, and noticed when it ends."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from pennon.errors import ArtifactError
from pennon.serving.wire import PROTOCOL, Answer, Ask, Frames, Hello, packed

PATIENCE = 120.0
"""Seconds that a scorer may take to load its model, and to answer one question."""
_GRACE = 5.0
_NICE = 5
"""A third of the processor time of who serves, where that is short."""


class Process(asyncio.Protocol):
    """`answered(process, answer)` is called with each answer, with None when it has ended."""

    def __init__(self, answered: Callable[[Process, Answer | None], None]) -> None:
        self._answered = answered
        self._frames = Frames()
        self._answers = msgspec.msgpack.Decoder(Answer)
        self._alarm: asyncio.TimerHandle | None = None
        self._child: asyncio.subprocess.Process
        self._transport: asyncio.WriteTransport
        self._loop = asyncio.get_running_loop()
        self._hello: asyncio.Future[Hello] = self._loop.create_future()

    async def start(self, bundle: Path, python: str, *, gently: bool) -> Hello:
        """Return once it is ready to score; `gently` leaves the processors to those who serve.

        Raises ArtifactError with what it said instead.
        """
        ours, theirs = socket.socketpair()
        nice = str(_NICE if gently else 0)
        command = [python, "-m", "pennon.serving.scorer", str(bundle), str(theirs.fileno()), nice]
        try:
            self._child = await asyncio.create_subprocess_exec(
                *command, pass_fds=[theirs.fileno()], env=_environment()
            )
        except OSError as error:
            ours.close()
            raise ArtifactError(f"{python} cannot be started: {error}") from None
        finally:
            theirs.close()
        await self._loop.create_connection(lambda: self, sock=ours)
        try:
            hello = await asyncio.wait_for(asyncio.shield(self._hello), PATIENCE)
        except TimeoutError:
            hello = Hello(protocol=PROTOCOL, error=f"it was not ready after {PATIENCE:.0f} s")
        except BaseException:
            self.kill()
            raise
        if hello.error or hello.protocol != PROTOCOL:
            self.kill()
            await self._child.wait()
            raise ArtifactError(hello.error or f"it is of another pennon ({python})")
        return hello

    def ask(self, ask: Ask) -> None:
        """One question at a time; the answer comes by the callback."""
        self._alarm = self._loop.call_later(PATIENCE, self.kill)
        self._transport.write(packed(ask))

    async def end(self) -> None:
        """Hang up, and wait until it is gone."""
        self._transport.close()
        try:
            await asyncio.wait_for(self._child.wait(), _GRACE)
        except TimeoutError:
            self.kill()
            await self._child.wait()

    def kill(self) -> None:
        if self._child.returncode is None:
            self._child.kill()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a socket's transport writes

    def data_received(self, data: bytes) -> None:
        for content in self._frames.feed(data):
            if not self._hello.done():
                self._hello.set_result(msgspec.msgpack.decode(content, type=Hello))
            else:
                self._quiet()
                self._answered(self, self._answers.decode(content))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        self._quiet()
        if not self._hello.done():
            what = "it ended before it could say anything; its log tells why"
            self._hello.set_result(Hello(protocol=PROTOCOL, error=what))
            return
        self._answered(self, None)

    def _quiet(self) -> None:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None


def _environment() -> dict[str, Any]:
    """One thread a process: more of them only get in each other's way at a row at a time."""
    inherited = dict(os.environ)  # noqa: TID251  the scorer's is the server's
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **inherited}
