"""What Prometheus is told: requests, their time, rows, predictions, swaps, what waits."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Summary,
    disable_created_metrics,
    generate_latest,
)

from pennon.config import Task

TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PROBABILITIES = tuple(i / 10 for i in range(1, 11))


class Metrics:
    """One server's figures. Names and labels are a promise: dashboards are built on them."""

    def __init__(self, model: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types there
        self._all = CollectorRegistry()
        self._model = model
        self._requests = self._counter(
            "requests", "Answered requests.", "version", "role", "status"
        )
        self._rows = self._counter("rows", "Rows that were scored.", "version", "role")
        self._swaps = self._counter("swaps", "Changes of what is served.", "result")
        self._lost = self._counter("log_lost", "Lines that the prediction log could not take.")
        self._seconds = Histogram(
            "pennon_request_seconds",
            "From the whole request to its answer.",
            ("model", "version"),
            registry=self._all,
            buckets=_SECONDS,
        )
        of_model = ("model", "version", "role")
        self._probabilities = Histogram(
            "pennon_probability",
            "Predictions of a classifier.",
            of_model,
            registry=self._all,
            buckets=_PROBABILITIES,
        )
        self._values = Summary(
            "pennon_prediction", "Predictions of a regression.", of_model, registry=self._all
        )
        self._serving = Gauge(
            "pennon_serving",
            "1 for each version that is served.",
            ("model", "version", "role", "engine"),
            registry=self._all,
        )
        self._scorers = Gauge(
            "pennon_scorers", "Processes alive.", ("model", "version"), registry=self._all
        )

    def request(self, version: str, role: str, status: int, seconds: float) -> None:
        self._requests.labels(self._model, version, role, status).inc()
        self._seconds.labels(self._model, version).observe(seconds)

    def predicted(self, task: Task, version: str, role: str, predictions: list[float]) -> None:
        self._rows.labels(self._model, version, role).inc(len(predictions))
        family = self._probabilities if task is Task.CLASSIFICATION else self._values
        values = family.labels(self._model, version, role)
        for prediction in predictions:
            values.observe(prediction)

    def swapped(self, result: str) -> None:
        self._swaps.labels(self._model, result).inc()

    def lost(self, lines: int) -> None:
        self._lost.labels(self._model).inc(lines)

    def serving(self, parts: list[tuple[str, str, str, int]]) -> None:
        """(version, role, engine, processes alive) of all that is served now."""
        self._serving.clear()
        self._scorers.clear()
        for version, role, engine, alive in parts:
            self._serving.labels(self._model, version, role, engine).set(1)
            self._scorers.labels(self._model, version).set(alive)

    def text(self) -> bytes:
        return generate_latest(self._all)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"pennon_{name}", what, ("model", *labels), registry=self._all)
