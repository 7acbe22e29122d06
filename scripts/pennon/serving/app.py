"""The HTTP face of a service: predict, and what people and machines ask beside that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pennon.serving.log import Log
from pennon.serving.metrics import TYPE, Metrics
from pennon.serving.openapi import openapi
from pennon.serving.pool import Pool
from pennon.serving.predict import Predict
from pennon.serving.service import Service


def app(
    service: Service, metrics: Metrics, log: Log | None, now: Callable[[], datetime]
) -> Starlette:
    """Endpoints that answer with the version in every prediction."""
    face = _Face(service, metrics)
    return Starlette(
        routes=[
            Route("/predict", Predict(service, metrics, log, now), methods=["POST"]),
            Route("/health", face.health),
            Route("/ready", face.ready),
            Route("/version", face.version),
            Route("/metrics", face.metrics),
            Route("/openapi.json", face.openapi),
            Route("/", face.page),
        ]
    )


class _Face:
    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    async def health(self, _: Request) -> Response:
        """Does the server itself live? Whether it can answer is asked of /ready."""
        return _json({"status": "ok"})

    async def ready(self, _: Request) -> Response:
        current, trouble = self._service.current, self._service.trouble
        if current is None or not current.live.alive:
            return _json({"status": "not ready", "why": trouble or "no process is alive"}, 503)
        facts = {"status": "ready", "version": current.live.part.version}
        return _json(facts | ({"trouble": trouble} if trouble else {}))

    async def version(self, _: Request) -> Response:
        current, trouble = self._service.current, self._service.trouble
        if current is None:
            return _json({"why": trouble or "nothing is served yet"}, 503)
        found = _facts(current.live) | {"seen": self._service.seen}
        if current.challenger:
            found["challenger"] = _facts(current.challenger) | {"split": current.split}
        return _json(found | ({"trouble": trouble} if trouble else {}))

    async def metrics(self, _: Request) -> Response:
        self._service.told()
        return Response(self._metrics.text(), headers={"content-type": TYPE})

    async def openapi(self, _: Request) -> Response:
        current = self._service.current
        if current is None:
            return _json({"why": "nothing is served yet"}, 503)
        pool = current.live
        return _json(openapi(pool.facts, pool.part.version, pool.reader.inputs, pool.example))

    async def page(self, _: Request) -> Response:
        return HTMLResponse(self._page)

    @cached_property
    def _page(self) -> str:
        return Path(__file__).with_name("page.html").read_text(encoding="utf-8")


def _facts(pool: Pool) -> dict[str, Any]:
    facts = pool.facts
    return {
        "model": facts.model,
        "version": pool.part.version,
        "commit": facts.commit,
        "artifact": facts.artifact,
        "engine": pool.hello.engine,
    }


def _json(value: Any, status: int = 200) -> Response:  # noqa: ANN401  any plain value or record
    return Response(msgspec.json.encode(value), status, media_type="application/json")
