"""POST /predict: read, route, score, answer, note. The path that every request takes."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec
from starlette.types import Receive, Scope, Send

from pennon.artifacts.cells import Row
from pennon.errors import PennonError
from pennon.serving.answers import Prediction, Predictions, Refusal
from pennon.serving.log import Line, Log
from pennon.serving.metrics import Metrics
from pennon.serving.pool import BusyError, Pool, ScoringError
from pennon.serving.rows import Reader, Request, RequestError
from pennon.serving.service import Current, Service
from pennon.serving.wire import Answer

MOST_BYTES = 10_000_000
MOST_EXPLAINED = 20
"""Rows of one request: each costs as much as some thousand predictions."""
MOST_SHADOWED = 100
"""Requests that may wait to be scored unseen; one more is left out."""
_LONGEST_ID = 128
_JSON = (b"content-type", b"application/json")


class TooLargeError(PennonError):
    """The body is longer than any request."""


class Asked(NamedTuple):
    """A request as it came. `begun` is a reading of the monotonic clock."""

    id: str
    key: str  # of the header; empty where it is another
    explain: bool
    test: bool  # somebody tries the server out: the live version answers, in a role of its own
    begun: float


class Predict:
    """An ASGI endpoint. `now` is the clock of the log; without a `log` none is kept."""

    def __init__(
        self, service: Service, metrics: Metrics, log: Log | None, now: Callable[[], datetime]
    ) -> None:
        self._service = service
        self._metrics = metrics
        self._log = log
        self._now = now
        self._unseen: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        body = await _body(receive)
        if body is None:
            return  # whoever asked has hung up
        status, content = await self._respond(asked, body)
        headers = [
            _JSON,
            (b"content-length", str(len(content)).encode()),
            (b"x-request-id", asked.id.encode("latin-1")),
        ]
        if status == BUSY:
            headers.append((b"retry-after", b"1"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _respond(self, asked: Asked, body: bytes) -> tuple[int, bytes]:
        current = self._service.current
        if current is None:
            return BUSY, msgspec.json.encode(Refusal(error="nothing is served yet"))
        pool, role = current.live, "live"
        try:
            if len(body) > MOST_BYTES:
                raise TooLargeError(f"the body has more than {MOST_BYTES} bytes")
            request = pool.reader.read(body)
            if asked.explain and len(request.rows) > MOST_EXPLAINED:
                raise RequestError(f"at most {MOST_EXPLAINED} rows are explained at once")
            key = _key(current, asked, request)
            pool, role = (pool, "test") if asked.test else current.who(key)
            if role == "challenger":
                found = await self._by_challenger(current, asked, (key, request), body)
                if found is not None:
                    return OK, found
                pool, role = current.live, "live"
            content = await self._by(pool, role, asked, (key, request))
        except PennonError as error:
            status = _status(error)
            self._count(pool, role, asked, status)
            return status, msgspec.json.encode(_told(error))
        shadow = None if asked.test else current.shadow(key)
        if shadow:
            self._shadow(shadow, asked, key, body)
        return OK, content

    async def _by(self, pool: Pool, role: str, asked: Asked, subject: tuple[str, Request]) -> bytes:
        """The answer of one version, counted and noted. Raises ScoringError, BusyError."""
        key, request = subject
        try:
            answer = await pool.score(request.rows, explain=asked.explain)
        except PennonError as error:
            self._note(pool, role, asked, (key, request.rows, error))
            raise
        self._count(pool, role, asked, OK)
        self._metrics.predicted(pool.facts.task, pool.part.version, role, answer.predictions)
        self._note(pool, role, asked, (key, request.rows, answer))
        return msgspec.json.encode(_answered(pool, asked, request, answer))

    async def _by_challenger(
        self, current: Current, asked: Asked, subject: tuple[str, Request], body: bytes
    ) -> bytes | None:
        """None where it cannot answer: that is on its account, and the live version does."""
        pool, reader = current.challenger or current.live, current.live.reader
        key, read = subject
        try:
            request = pool.reader.read(body)
        except RequestError as error:  # it asks for other columns than the live version
            self._count(pool, "challenger", asked, _status(error))
            self._note(pool, "challenger", asked, (key, read.rows, error), reader=reader)
            return None
        try:
            return await self._by(pool, "challenger", asked, (key, request))
        except PennonError as error:
            self._count(pool, "challenger", asked, _status(error))
            return None

    def _shadow(self, pool: Pool, asked: Asked, key: str, body: bytes) -> None:
        if pool.waiting >= MOST_SHADOWED:
            return
        task = asyncio.get_running_loop().create_task(self._unanswered(pool, asked, key, body))
        self._unseen.add(task)
        task.add_done_callback(self._unseen.discard)

    async def _unanswered(self, pool: Pool, asked: Asked, key: str, body: bytes) -> None:
        asked = asked._replace(explain=False, begun=time.perf_counter())
        try:
            await self._by(pool, "shadow", asked, (key, pool.reader.read(body)))
        except PennonError as error:
            self._count(pool, "shadow", asked, _status(error))

    def _count(self, pool: Pool, role: str, asked: Asked, status: int) -> None:
        seconds = time.perf_counter() - asked.begun
        self._metrics.request(pool.part.version, role, status, seconds)

    def _note(
        self,
        pool: Pool,
        role: str,
        asked: Asked,
        what: tuple[str, list[Row], Answer | PennonError],
        *,
        reader: Reader | None = None,
    ) -> None:
        if self._log is None:
            return
        key, rows, found = what
        error = found if isinstance(found, PennonError) else None
        line = Line(
            at=_moment(self._now()),
            id=asked.id,
            model=pool.facts.model,
            version=pool.part.version,
            role=role,
            key=key if key != asked.id else None,
            inputs=(reader or pool.reader).shown(rows),
            predictions=found.predictions if isinstance(found, Answer) else None,
            error=str(error) if error else None,
            status=_status(error) if error else OK,
            ms=round((time.perf_counter() - asked.begun) * 1000, 3),
        )
        self._log.put(line)


OK, TOO_LARGE, UNPROCESSABLE, FAILED, BUSY = 200, 413, 422, 500, 503


def _moment(now: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    found = now.astimezone(UTC).isoformat(timespec="milliseconds")
    return found.replace("+00:00", "Z")


def _status(error: PennonError) -> int:
    match error:
        case RequestError():
            return UNPROCESSABLE
        case TooLargeError():
            return TOO_LARGE
        case BusyError():
            return BUSY
        case ScoringError() if error.refused:
            return UNPROCESSABLE
        case _:
            return FAILED


def _told(error: PennonError) -> Refusal:
    wrong = error.wrong if isinstance(error, RequestError) and error.wrong else msgspec.UNSET
    return Refusal(error=error.what, wrong=wrong)


def _answered(
    pool: Pool, asked: Asked, request: Request, answer: Answer
) -> Prediction | Predictions:
    said = {"model": pool.facts.model, "version": pool.part.version, "id": asked.id}
    why = msgspec.UNSET if answer.explanations is None else answer.explanations
    if request.batch:
        return Predictions(**said, predictions=answer.predictions, explanations=why)
    return Prediction(**said, prediction=answer.predictions[0], explanations=why)


def _key(current: Current, asked: Asked, request: Request) -> str:
    """What the split goes by: the header, the column of its first row, or the request's id."""
    split = current.split
    if asked.key or split is None or not split.key:
        return asked.key or asked.id
    value = current.live.reader.value(request.rows[0], split.key)
    return asked.id if value is None else str(value)


def _asked(scope: Scope) -> Asked:
    begun, identity, key, test = time.perf_counter(), "", "", False
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            identity = _plain(value)
        elif name == b"x-pennon-key":
            key = _plain(value)
        elif name == b"x-pennon-test":
            test = True
    query = scope.get("query_string", b"")
    explain = bool(query) and _explains(query)
    return Asked(identity or secrets.token_hex(8), key, explain, test, begun)


def _plain(value: bytes) -> str:
    """A header that may be sent back and logged; empty where it may not."""
    said = value.decode("latin-1")
    return said if len(said) <= _LONGEST_ID and said.isascii() and said.isprintable() else ""


def _explains(query: bytes) -> bool:
    return parse_qs(query.decode("latin-1")).get("explain", [""])[-1] in {"true", "1", "yes"}


async def _body(receive: Receive) -> bytes | None:
    """The whole body, or its beginning where it is too long; None if the client has gone."""
    pieces, size = [], 0
    while size <= MOST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if not message.get("more_body"):
            break
    return b"".join(pieces)
