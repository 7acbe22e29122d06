"""What Kubernetes itself keeps: Deployment, Service, HorizontalPodAutoscaler, disruption budget."""

from __future__ import annotations

from typing import Any

from pennon.targets.kubernetes.pod import metadata, name, selector, template
from pennon.targets.kubernetes.settings import Settings, Variant
from pennon.targets.protocol import Order
from pennon.targets.rendered import PORT


def deployment(order: Order, settings: Settings) -> dict[str, Any]:
    """Without `replicas`: they are the autoscaler's."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(order, settings),
        "spec": {
            "selector": {"matchLabels": selector(order)},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
            },
            "minReadySeconds": 5,
            "revisionHistoryLimit": 3,
            "template": template(order, settings),
        },
    }


def service(order: Order, settings: Settings) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(order, settings),
        "spec": {
            "type": "ClusterIP",
            "selector": selector(order),
            "ports": [{"name": "http", "port": 80, "targetPort": PORT, "protocol": "TCP"}],
        },
    }


def scaler(order: Order, settings: Settings) -> dict[str, Any]:
    deploys = settings.variant is Variant.DEPLOYMENT
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(order, settings),
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "apps/v1" if deploys else "argoproj.io/v1alpha1",
                "kind": "Deployment" if deploys else "Rollout",
                "name": name(order),
            },
            "minReplicas": settings.replicas.least,
            "maxReplicas": settings.replicas.most,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {
                            "type": "Utilization",
                            "averageUtilization": settings.replicas.cpu,
                        },
                    },
                }
            ],
        },
    }


def budget(order: Order, settings: Settings) -> dict[str, Any]:
    """One pod may be taken away at a time: with a least number a single replica would block."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(order, settings),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(order)}},
    }
