"""What `settings` of an environment with the target kubernetes can say."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from pennon.config import Record
from pennon.targets.rendered import Percent, Rendered, Seconds, Whole

Duration = Annotated[str, msgspec.Meta(pattern=r"^[1-9]\d*[smh]$")]
Quantity = Annotated[str, msgspec.Meta(pattern=r"^\d+(?:\.\d+)?(?:m|[KMGT]i?)?$")]
Namespace = Annotated[str, msgspec.Meta(pattern=r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^(?:https?://\S+)?$")]
Label = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_]\w*$")]


class Variant(StrEnum):
    """What keeps the pods."""

    DEPLOYMENT = "deployment"
    ROLLOUTS = "rollouts"
    KSERVE = "kserve"


class Replicas(Record, frozen=True, kw_only=True):
    """`cpu` is the use of the requested processor time, in percent, that is aimed at."""

    least: Whole = 2
    most: Whole = 6
    cpu: Percent = 70


class Resources(Record, frozen=True, kw_only=True):
    """What a pod asks for. Memory is also its limit; processor time has none unless it is given."""

    cpu: Quantity = "500m"
    memory: Quantity = "512Mi"
    cpu_limit: Quantity | None = None


class Rollout(Record, frozen=True, kw_only=True):
    """Of variant rollouts. `steps` are percents of traffic; a canary is judged from the first on.

    Without them the steps of a canary in rollout.yaml are taken, or 5, 25 and 50 percent.

    `errors` is the largest share of answers with status 5xx, `seconds` the longest 99th percentile.
    `matchers` are labels that every series of this environment has (its namespace, if it has one).
    `notify` is the service of Argo's notifications that is told of an abort.
    """

    steps: tuple[Percent, ...] = ()
    pause: Duration = "10m"
    window: Duration = "5m"
    errors: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.01
    seconds: Seconds = 0.5
    prometheus: Address = ""
    matchers: dict[Label, str] | None = None
    notify: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]*$")] = "pennon"


class ArgoCD(Record, frozen=True, kw_only=True):
    """An Application that makes a cluster follow the branch."""

    repository: Annotated[str, msgspec.Meta(min_length=1)]
    namespace: Namespace = "argocd"
    project: str = "default"
    server: str = "https://kubernetes.default.svc"
    automatic: bool = True


class Settings(Rendered, frozen=True, kw_only=True):
    """`canary` is the percent of requests that a new version gets from KServe (in Knative mode)."""

    variant: Variant = Variant.DEPLOYMENT
    namespace: Namespace = ""
    replicas: Replicas = Replicas()
    resources: Resources = Resources()
    rollout: Rollout = Rollout()
    canary: Percent | None = None
    argocd: ArgoCD | None = None
