"""An Application of Argo CD: it makes a cluster follow the folder of a model on the branch."""

from __future__ import annotations

from typing import Any

from pennon.targets.kubernetes.pod import name, selector
from pennon.targets.kubernetes.settings import ArgoCD, Settings
from pennon.targets.place import folder
from pennon.targets.protocol import Order


def application(order: Order, settings: Settings, argo: ArgoCD) -> dict[str, Any]:
    """To be applied once, by hand or by an app of apps; it is no resource of the folder itself."""
    policy = {"automated": {"prune": True, "selfHeal": True}} if argo.automatic else {}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name(order),
            "namespace": argo.namespace,
            "labels": selector(order),
        },
        "spec": {
            "project": argo.project,
            "source": {
                "repoURL": argo.repository,
                "targetRevision": settings.branch,
                "path": folder(settings.folder, order.environment, order.model),
            },
            "destination": {
                "server": argo.server,
                "namespace": settings.namespace or "default",
            },
            "syncPolicy": policy | {"syncOptions": ["CreateNamespace=true"]},
        },
    }
