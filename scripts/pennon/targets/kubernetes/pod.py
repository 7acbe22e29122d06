"""One pod that answers for one version: unprivileged, nothing to write but its log."""

from __future__ import annotations

from typing import Any

from pennon.targets.kubernetes.settings import Settings
from pennon.targets.names import dns
from pennon.targets.protocol import Order
from pennon.targets.rendered import LOGS, PORT, USER

PREFIX = "pennon-ml.github.io"
"""Of annotations; a prefix has to be a DNS name."""


def name(order: Order) -> str:
    """With the environment in it: two of them may share a namespace."""
    return dns(order.environment, order.model)


def selector(order: Order) -> dict[str, str]:
    """Never changes: a Deployment's selector cannot."""
    return {
        "app.kubernetes.io/name": dns(order.model),
        "app.kubernetes.io/instance": name(order),
    }


def metadata(order: Order, settings: Settings) -> dict[str, Any]:
    """Of every object: who it is, and by which assignment."""
    facts = {
        "model": order.model,
        "version": order.version,
        "commit": order.commit,
        "artifact": order.artifact,
        "assignment": order.assignment.id,
        "assignment-tag": order.assignment.tag,
        "image": order.image,
    }
    named = {"name": name(order)}
    if settings.namespace:
        named["namespace"] = settings.namespace
    return named | {
        "labels": _labels(order),
        "annotations": {f"{PREFIX}/{key}": value for key, value in facts.items()},
    }


def template(order: Order, settings: Settings) -> dict[str, Any]:
    """Without the assignment: another one of the same version starts no pod anew."""
    facts = {"model": order.model, "artifact": order.artifact, "commit": order.commit}
    return {
        "metadata": {
            "labels": _labels(order),
            "annotations": {f"{PREFIX}/{key}": value for key, value in facts.items()},
        },
        "spec": spec(order, settings, "model"),
    }


def spec(order: Order, settings: Settings, container: str) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 40,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(order, settings, container)],
        "volumes": [
            {"name": "log", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        ],
    }


def _container(order: Order, settings: Settings, called: str) -> dict[str, Any]:
    asked = settings.resources
    limits = {"memory": asked.memory} | ({"cpu": asked.cpu_limit} if asked.cpu_limit else {})
    return {
        "name": called,
        "image": order.image,
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "env": [{"name": key, "value": it} for key, it in sorted(settings.variables.items())],
        "resources": {"requests": {"cpu": asked.cpu, "memory": asked.memory}, "limits": limits},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "log", "mountPath": LOGS},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  the container's own
        ],
        "startupProbe": _probe("/health", period=2, failures=60),
        "livenessProbe": _probe("/health", period=10, failures=3),
        "readinessProbe": _probe("/ready", period=5, failures=2),
        # Requests still come until every proxy has heard that the pod ends.
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
    }


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": PORT},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def _labels(order: Order) -> dict[str, str]:
    return selector(order) | {
        "app.kubernetes.io/version": order.version.replace("+", "_"),
        "app.kubernetes.io/component": "model",
        "app.kubernetes.io/managed-by": "pennon",
    }
