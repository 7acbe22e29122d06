"""A target without processes, and environments of the light repository that run on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml

from light import LIGHT, Light
from pennon.errors import TargetError
from pennon.flows.deploy import deploy
from pennon.forge import DeploymentState
from pennon.targets import Order, Place, Running, Wrong

ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "staging": {"target": "memory", "port": 1, "contract": False},
    "production": {"target": "memory", "port": 2, "after": "staging"},
}


@dataclass
class Memory:
    """What runs where. A version that is `broken` does not start, a place that is `down` is silent.

    `broken` holds versions, or `environment version` where it breaks in that one alone.
    """

    runs: dict[tuple[str, str], Running] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    RENDERS: bool = False

    def check(self, settings: Mapping[str, object]) -> list[Wrong]:
        return [Wrong(name, "is none of memory's") for name in settings]

    def health(self, order: Order, place: Place) -> Running | None:
        assert place.settings == {}
        if order.environment in self.down:
            return None
        found = self.runs.get((order.environment, order.model))
        return found and msgspec.structs.replace(found, changed=False)

    def apply(self, order: Order, place: Place) -> Running:
        assert place.settings == {}
        self.asked.append(f"{order.environment} {order.version}")
        ill = {order.version, f"{order.environment} {order.version}"} & self.broken
        if ill or order.environment in self.down:
            raise TargetError(
                f"{order.environment}: {order.model}@{order.version} did not become healthy: "
                "no answer",
                hint="the version before answers there as before",
            )
        url = f"http://127.0.0.1:{order.port}"
        found = Running(version=order.version, url=url, changed=True)
        self.runs[order.environment, order.model] = found
        return found

    def serves(self) -> dict[str, str]:
        """Environment -> version."""
        return {environment: it.version for (environment, _), it in self.runs.items()}


def configure(light: Light, environments: Mapping[str, Mapping[str, Any]]) -> None:
    """These environments, in the work tree."""
    file = light.world.root / "pennon.yaml"
    said = yaml.safe_load(file.read_text()) | {"environments": dict(environments)}
    file.write_text(yaml.safe_dump(said, sort_keys=False))


def release(light: Light, *versions: str) -> None:
    """The files of these versions, as a registration leaves them."""
    file = light.folder / "model.skops"
    file.write_bytes(b"a model")
    forge = light.world.forge
    for version in versions:
        tag = f"{LIGHT}@{version}"
        made = forge.create_release(tag, tag, "made", "c" * 40)
        forge.upload_asset(made.id, file)
        forge.publish_release(made.id, tag)


def live(light: Light, version: str) -> None:
    """Champion, and deployed everywhere."""
    light.ledger.assign(version)
    deploy(light.world, None, LIGHT)


def states(light: Light, environment: str) -> list[tuple[str, DeploymentState]]:
    """All that is on record there, the newest first."""
    return [(it.version, it.state) for it in light.world.forge.tries(environment, LIGHT)]
