"""A canary of Argo Rollouts that is judged by pennon's own metrics."""

from __future__ import annotations

from typing import Any

from pennon.targets.kubernetes.pod import metadata, selector, template
from pennon.targets.kubernetes.settings import Settings
from pennon.targets.protocol import Order, Stride

_USUAL = (Stride(5), Stride(25), Stride(50))
ABORTED = "notifications.argoproj.io/subscribe.on-rollout-aborted.{}"
"""Argo tells the service of this name; docs/targets.md has the one that rolls back."""


def rollout(order: Order, settings: Settings) -> dict[str, Any]:
    named = metadata(order, settings)
    if told := settings.rollout.notify:
        named["annotations"] |= {ABORTED.format(told): ""}
    version = [{"name": "version", "value": order.version}]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": named,
        "spec": {
            "selector": {"matchLabels": selector(order)},
            "minReadySeconds": 5,
            "revisionHistoryLimit": 3,
            "progressDeadlineSeconds": 600,
            "progressDeadlineAbort": True,
            "strategy": {
                "canary": {
                    "maxUnavailable": 0,
                    "maxSurge": 1,
                    "steps": _steps(order, settings),
                    "analysis": {
                        "templates": [{"templateName": named["name"]}],
                        "startingStep": 1,
                        "args": version,
                    },
                }
            },
            "template": template(order, settings),
        },
    }


def analysis(order: Order, settings: Settings) -> dict[str, Any]:
    """Two questions to Prometheus. No traffic answers neither: the rollout pauses for a person."""
    asked = settings.rollout
    requests = f"pennon_requests_total{{{_labels(order, settings)}}}"
    failed = f'pennon_requests_total{{{_labels(order, settings)},status=~"5.."}}'
    buckets = f"pennon_request_seconds_bucket{{{_labels(order, settings)}}}"
    rate = f"sum(rate({requests}[{asked.window}]))"
    errors = f"(sum(rate({failed}[{asked.window}])) or 0 * {rate}) / {rate}"
    slow = f"histogram_quantile(0.99, sum(rate({buckets}[{asked.window}])) by (le))"
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": metadata(order, settings),
        "spec": {
            "args": [{"name": "version"}],
            "metrics": [
                _metric("errors", errors, asked.errors, settings),
                _metric("seconds", slow, asked.seconds, settings),
            ],
        },
    }


def _steps(order: Order, settings: Settings) -> list[dict[str, Any]]:
    """Percents of the settings, of rollout.yaml, or the usual ones, with a pause after each."""
    said = tuple(Stride(percent) for percent in settings.rollout.steps)
    return [
        step
        for it in said or order.strides or _USUAL
        for step in ({"setWeight": it.percent}, {"pause": {"duration": _pause(it, settings)}})
    ]


def _pause(stride: Stride, settings: Settings) -> str:
    return f"{round(stride.hours * 60)}m" if stride.hours else settings.rollout.pause


def _metric(name: str, query: str, most: float, settings: Settings) -> dict[str, Any]:
    known = "len(result) > 0 && !isNaN(result[0])"
    return {
        "name": name,
        "interval": "1m",
        "initialDelay": settings.rollout.window,
        "successCondition": f"{known} && result[0] <= {most:g}",
        "failureCondition": f"{known} && result[0] > {most:g}",
        "failureLimit": 2,
        "inconclusiveLimit": 3,
        "provider": {"prometheus": {"address": settings.rollout.prometheus, "query": query}},
    }


def _labels(order: Order, settings: Settings) -> str:
    where = {"namespace": settings.namespace} if settings.namespace else {}
    asked = settings.rollout.matchers
    said = {"model": order.model, "version": "{{args.version}}"} | (
        where if asked is None else asked
    )
    return ",".join(f'{name}="{_quoted(value)}"' for name, value in said.items())


def _quoted(value: str) -> str:
    """As PromQL writes text between double quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
