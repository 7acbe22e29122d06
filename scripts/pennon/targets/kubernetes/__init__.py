"""Kustomize manifests for a cluster: a Deployment, a Rollout of Argo, or a service of KServe."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, assert_never

import msgspec

from pennon.targets.kubernetes.argocd import application
from pennon.targets.kubernetes.kserve import inference_service
from pennon.targets.kubernetes.rollouts import analysis, rollout
from pennon.targets.kubernetes.settings import Settings, Variant
from pennon.targets.kubernetes.workload import budget, deployment, scaler, service
from pennon.targets.protocol import Files, Order, Place, Splits, Wrong
from pennon.targets.rendered import answering, text, wrong

RENDERS = True

health = answering


def check(settings: Mapping[str, Any]) -> list[Wrong]:
    found = wrong(settings, Settings)
    return found or _contradictions(msgspec.convert(dict(settings), Settings))


def splits(settings: Mapping[str, Any]) -> Splits:
    said = msgspec.convert(dict(settings), Settings)
    if said.variant is Variant.ROLLOUTS:
        return Splits.ENGINE
    return Splits.NOBODY if said.canary is None else Splits.SETTING


def apply(order: Order, place: Place) -> Files:
    """`kubectl apply --kustomize` takes the folder; so does Argo CD."""
    settings = msgspec.convert(dict(place.settings), Settings)
    resources = {name: text(it) for name, it in _resources(order, settings).items()}
    kustomization: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
    }
    if settings.namespace:
        kustomization["namespace"] = settings.namespace
    kustomization["resources"] = list(resources)
    files = resources | {"kustomization.yaml": text(kustomization)}
    if settings.argocd:
        files["application.yaml"] = text(application(order, settings, settings.argocd))
    return files


def _resources(order: Order, settings: Settings) -> dict[str, dict[str, Any]]:
    match settings.variant:
        case Variant.KSERVE:
            return {"inference-service.yaml": inference_service(order, settings)}
        case Variant.ROLLOUTS:
            own = {
                "rollout.yaml": rollout(order, settings),
                "analysis.yaml": analysis(order, settings),
            }
        case Variant.DEPLOYMENT:
            own = {"deployment.yaml": deployment(order, settings)}
        case _:
            assert_never(settings.variant)
    shared = {
        "service.yaml": service(order, settings),
        "hpa.yaml": scaler(order, settings),
        "pdb.yaml": budget(order, settings),
    }
    return own | shared


def _contradictions(settings: Settings) -> list[Wrong]:
    found = []
    if settings.replicas.least > settings.replicas.most:
        found.append(Wrong("replicas.most", f"less than replicas.least, {settings.replicas.least}"))
    if any(a >= b for a, b in pairwise(settings.rollout.steps)):
        found.append(Wrong("rollout.steps", "each step has to be more than the one before it"))
    if settings.variant is Variant.ROLLOUTS and not settings.rollout.prometheus:
        what = "needed by variant rollouts: the address of the Prometheus that judges a canary"
        found.append(Wrong("rollout.prometheus", what))
    if settings.canary is not None and settings.variant is not Variant.KSERVE:
        found.append(Wrong("canary", "belongs to variant kserve; rollouts has rollout.steps"))
    return found
