"""Runs a service: loads first, then opens the port; follows what it shall serve until it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec
import uvicorn

from pennon.artifacts.served import Serve
from pennon.errors import PennonError, TargetError
from pennon.serving.app import app
from pennon.serving.log import Log
from pennon.serving.metrics import Metrics
from pennon.serving.service import Service

_DRAIN = 8
"""Seconds that open requests have once the server is told to end."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`poll`: seconds between two looks at what shall be served; without one, only on SIGHUP."""

    host: str = "127.0.0.1"
    port: int = 8080
    poll: float | None = None
    log: Path | None = None


def run(wanted: Callable[[], Serve], options: Options, now: Callable[[], datetime]) -> None:
    """Serve until told to stop.

    `wanted` says what shall be served each time that it is asked; it may take a while. Raises
    ArtifactError where the first version cannot be loaded, TargetError where nobody can listen
    there, or keep a log in that folder.
    """
    loop_factory = uvicorn.Config("", loop="auto").get_loop_factory()
    with _bound(options) as place, asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(wanted, options, now, place))


async def _serve(
    wanted: Callable[[], Serve], options: Options, now: Callable[[], datetime], place: socket.socket
) -> None:
    first = wanted()
    metrics = Metrics(first.model)
    log = _log(options, metrics)
    service = Service(metrics)
    try:
        await service.apply(first)
        face = app(service, metrics, log, now)
        face.router.lifespan_context = lambda _: _living(service, log, wanted, options)
        server = uvicorn.Server(
            uvicorn.Config(
                face,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_DRAIN,
            )
        )
    except BaseException:
        await _ended(service, log)
        raise
    host = f"[{options.host}]" if ":" in options.host else options.host
    _say(f"serving {first.model}@{first.live.version} at http://{host}:{place.getsockname()[1]}")
    await server.serve([place])


def _bound(options: Options) -> socket.socket:
    """The port is ours from now on; whoever asks is refused until the first version is loaded."""
    place = socket.socket(socket.AF_INET6 if ":" in options.host else socket.AF_INET)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind((options.host, options.port))
    except OSError as error:
        place.close()
        raise TargetError(
            f"nobody can listen on port {options.port} of {options.host}: {error.strerror}",
            hint="--port with a free one, --host with an address of this machine",
        ) from error
    return place


@asynccontextmanager
async def _living(
    service: Service, log: Log | None, wanted: Callable[[], Serve], options: Options
) -> AsyncIterator[None]:
    """As long as the port is open. A signal that ends the server ends the process after this."""
    following = asyncio.create_task(_follow(service, wanted, options))
    yield
    following.cancel()
    await _ended(service, log)


async def _ended(service: Service, log: Log | None) -> None:
    await service.close()
    if log:
        await asyncio.to_thread(log.close)


async def _follow(service: Service, wanted: Callable[[], Serve], options: Options) -> None:
    """Look again when told to, or when it is time. What goes wrong is said, and nothing changes."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.set)
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), options.poll)
        told.clear()
        try:
            changed = await service.apply(await asyncio.to_thread(wanted))
        except PennonError as error:
            service.trouble = service.trouble or str(error)
            _say(f"serving goes on as before: {error}")
        else:
            if changed and service.current:
                _say(f"serving {service.current.live.part.version}")


def _log(options: Options, metrics: Metrics) -> Log | None:
    if options.log is None:
        return None

    said: set[str] = set()

    def lost(lines: int, why: str) -> None:
        metrics.lost(lines)
        if why not in said:
            said.add(why)
            _say(f"the prediction log loses lines: {why} (pennon_log_lost_total counts them)")

    try:
        return Log(options.log, lost)
    except OSError as error:
        raise TargetError(
            f"no prediction log can be kept in {options.log}: {error.strerror}",
            hint="--log with a folder that this user may write",
        ) from error


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
