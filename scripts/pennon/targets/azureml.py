"""Azure Machine Learning: a managed online endpoint and a deployment of one version behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from pennon.targets.names import dns
from pennon.targets.protocol import Files, Order, Place, Splits, Wrong
from pennon.targets.rendered import PORT, Percent, Rendered, Whole, answering, text, wrong

RENDERS = True

_SCHEMA = "https://azuremlschemas.azureedge.net/latest/managedOnline{}.schema.json"
MOST = 32
"""Characters of an endpoint's or a deployment's name."""


class Settings(Rendered, frozen=True, kw_only=True):
    """`canary` is the percent of requests for the new version; the one before keeps the rest."""

    endpoint: Annotated[str, msgspec.Meta(pattern=r"^(?:[a-z][a-z0-9-]{1,30}[a-z0-9])?$")] = ""
    instance: str = "Standard_DS2_v2"
    instances: Whole = 1
    timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=180_000)] = 5000
    canary: Percent | None = None


def check(settings: Mapping[str, Any]) -> list[Wrong]:
    return wrong(settings, Settings)


def splits(settings: Mapping[str, Any]) -> Splits:
    said = msgspec.convert(dict(settings), Settings)
    return Splits.NOBODY if said.canary is None else Splits.SETTING


health = answering


def apply(order: Order, place: Place) -> Files:
    """The deployment first, then the endpoint again: traffic can only go to what is there.

    `az ml online-deployment create --file deployment.yml`, then
    `az ml online-endpoint update --file endpoint.yml`.
    """
    settings = msgspec.convert(dict(place.settings), Settings)
    return {
        "endpoint.yml": text(_endpoint(order, settings)),
        "deployment.yml": text(_deployment(order, settings)),
    }


def _name(order: Order, settings: Settings) -> str:
    return settings.endpoint or dns(order.environment, order.model, most=MOST)


def _endpoint(order: Order, settings: Settings) -> dict[str, Any]:
    share = settings.canary if order.before and settings.canary is not None else 100
    traffic = {_deployed(order.version): share}
    if share < 100:  # noqa: PLR2004  percent
        traffic = {_deployed(order.before): 100 - share} | traffic
    return {
        "$schema": _SCHEMA.format("Endpoint"),
        "name": _name(order, settings),
        "auth_mode": "key",
        "traffic": traffic,
        "tags": {"model": order.model, "environment": order.environment, "managed-by": "pennon"},
    }


def _deployment(order: Order, settings: Settings) -> dict[str, Any]:
    route = {"port": PORT}
    return {
        "$schema": _SCHEMA.format("Deployment"),
        "name": _deployed(order.version),
        "endpoint_name": _name(order, settings),
        "environment": {
            "image": order.image,
            "inference_config": {
                "liveness_route": route | {"path": "/health"},
                "readiness_route": route | {"path": "/ready"},
                "scoring_route": route | {"path": "/predict"},
            },
        },
        "environment_variables": settings.variables,
        "instance_type": settings.instance,
        "instance_count": settings.instances,
        "request_settings": {"request_timeout_ms": settings.timeout_ms},
        "tags": {
            "model": order.model,
            "version": order.version,
            "commit": order.commit,
            "artifact": order.artifact,
            "assignment": order.assignment.id,
        },
    }


def _deployed(version: str) -> str:
    """`v1-4-0`; a version with more to it gets a name with a hash."""
    plain = re.fullmatch(r"v\d+\.\d+\.\d+", version)
    return dns(version.replace(".", "-") if plain else version, most=MOST)
