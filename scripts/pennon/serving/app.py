"""The HTTP face of a bundle: predict, health, ready, version."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pennon.artifacts.bundle import Bundle
from pennon.errors import PennonError
from pennon.serving.rows import RequestError, frame, parse

MOST_BYTES = 10_000_000


def app(bundle: Bundle) -> Starlette:
    """Endpoints that answer with the bundle's version in every prediction."""
    face = _Face(bundle)
    return Starlette(
        routes=[
            Route("/predict", face.predict, methods=["POST"]),
            Route("/health", face.health),
            Route("/ready", face.ready),
            Route("/version", face.version),
        ]
    )


class _Face:
    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    async def health(self, _: Request) -> Response:
        return _json({"status": "ok", "version": self._bundle.facts.version})

    async def ready(self, _: Request) -> Response:
        try:
            await run_in_threadpool(self._bundle.load)
        except PennonError as error:
            return _json({"status": "not ready", "why": str(error)}, 503)
        return _json({"status": "ready", "version": self._bundle.facts.version})

    async def version(self, _: Request) -> Response:
        facts = self._bundle.facts
        names = ("model", "version", "commit", "artifact")
        return _json({name: getattr(facts, name) for name in names})

    async def predict(self, request: Request) -> Response:
        body = await request.body()
        if len(body) > MOST_BYTES:
            return _json({"error": f"the body has more than {MOST_BYTES} bytes"}, 413)
        inputs = self._bundle.facts.signature.inputs
        try:
            rows, batch = parse(body, inputs)
            found = await run_in_threadpool(lambda: self._bundle.predict(frame(rows, inputs)))
        except RequestError as error:
            return _json({"error": error.what, "wrong": error.wrong}, 422)
        except PennonError as error:
            return _json({"error": str(error)}, 500)
        predictions = found.tolist()
        facts = self._bundle.facts
        answer = {"predictions": predictions} if batch else {"prediction": predictions[0]}
        return _json({"model": facts.model, "version": facts.version, **answer})


def _json(value: Any, status: int = 200) -> Response:  # noqa: ANN401  any plain value or record
    return Response(msgspec.json.encode(value), status, media_type="application/json")
