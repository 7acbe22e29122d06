"""A service of KServe whose predictor is pennon's own server."""

from __future__ import annotations

from typing import Any

from pennon.targets.kubernetes.pod import metadata, spec
from pennon.targets.kubernetes.settings import Settings
from pennon.targets.protocol import Order


def inference_service(order: Order, settings: Settings) -> dict[str, Any]:
    """KServe makes the workload, its address and its scaling itself."""
    predictor: dict[str, Any] = {
        "minReplicas": settings.replicas.least,
        "maxReplicas": settings.replicas.most,
        "scaleMetric": "cpu",
        "scaleTarget": settings.replicas.cpu,
    }
    if settings.canary is not None:
        predictor["canaryTrafficPercent"] = settings.canary
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": metadata(order, settings),
        "spec": {"predictor": predictor | spec(order, settings, "kserve-container")},
    }
