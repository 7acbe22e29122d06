"""A Compose file for a host: one service that answers for one model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from pennon.targets.names import dns
from pennon.targets.protocol import Files, Order, Place, Wrong
from pennon.targets.rendered import LOGS, PORT, USER, Rendered, Whole, answering, text, wrong

RENDERS = True
FILE = "compose.yaml"

Size = Annotated[str, msgspec.Meta(pattern=r"^\d+(?:\.\d+)?[kmg]$")]


class Settings(Rendered, frozen=True, kw_only=True):
    """`bundles` is a folder of the host with bundles, for an image that has none inside."""

    address: str = "127.0.0.1"
    cpus: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    memory: Size = "1g"
    bundles: Annotated[str, msgspec.Meta(pattern=r"^(?:/[^:]+)?$")] = ""
    log_files: Whole = 5
    log_size: Size = "10m"


def check(settings: Mapping[str, Any]) -> list[Wrong]:
    return wrong(settings, Settings)


health = answering


def apply(order: Order, place: Place) -> Files:
    """`docker compose --file compose.yaml up --detach --wait` runs it."""
    settings = msgspec.convert(dict(place.settings), Settings)
    project = {
        "name": dns(order.environment, order.model),
        "services": {dns(order.model): _service(order, settings)},
        "volumes": {"log": {}},
    }
    return {FILE: text(project)}


def _service(order: Order, settings: Settings) -> dict[str, Any]:
    ask = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/ready', timeout=5)"
    limits = {"cpus": f"{settings.cpus:g}", "memory": settings.memory}
    return {
        "image": order.image,
        "restart": "unless-stopped",
        "init": True,
        "user": f"{USER}:{USER}",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "ports": [f"{settings.address}:{order.port}:{PORT}"],
        "environment": settings.variables,
        "volumes": _volumes(order, settings),
        "tmpfs": ["/tmp"],  # noqa: S108  the container's own
        "labels": _labels(order),
        "healthcheck": {
            "test": ["CMD", "python", "-c", ask],
            "interval": "10s",
            "timeout": "6s",
            "retries": 3,
            "start_period": "60s",
        },
        "deploy": {"resources": {"limits": limits}},
        "logging": {
            "driver": "json-file",
            "options": {"max-size": settings.log_size, "max-file": str(settings.log_files)},
        },
        "stop_grace_period": "30s",
    }


def _volumes(order: Order, settings: Settings) -> list[dict[str, Any]]:
    log = {"type": "volume", "source": "log", "target": LOGS}
    if not settings.bundles:
        return [log]
    bundle = {
        "type": "bind",
        "source": f"{settings.bundles}/{dns(order.model)}@{order.version}",
        "target": "/bundle",
        "read_only": True,
        # Else an engine makes the folder that is missing, and serves nothing.
        "bind": {"create_host_path": False},
    }
    return [log, bundle]


def _labels(order: Order) -> dict[str, str]:
    facts = {
        "model": order.model,
        "version": order.version,
        "commit": order.commit,
        "artifact": order.artifact,
        "environment": order.environment,
        "assignment": order.assignment.id,
    }
    return {f"io.github.pennon-ml.{name}": value for name, value in facts.items()}
