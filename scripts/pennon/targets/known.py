"""Which targets there are: ours by their names, others by their entry points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, cast

from pennon.errors import ConfigError
from pennon.targets.protocol import Splits, Target

OURS = ("local", "compose", "kubernetes", "azureml", "bundle")
GROUP = "pennon.targets"

LOADED: dict[str, Target] = {}
"""What was looked for already."""


def target(name: str) -> Target:
    """The target of this name. Raises ConfigError for one that nobody has."""
    if name not in LOADED:
        LOADED[name] = _load(name)
    return LOADED[name]


def splits(name: str, settings: Mapping[str, Any]) -> Splits:
    """Who splits the traffic of an environment with this target. Raises ConfigError for none."""
    found = target(name)
    asked: Callable[[Mapping[str, Any]], Splits] | None = getattr(found, "splits", None)
    if asked is None:
        return Splits.NOBODY if found.RENDERS else Splits.SERVER
    return Splits.NOBODY if found.check(settings) else asked(settings)


def _load(name: str) -> Target:
    if name in OURS:
        return cast("Target", import_module(f"pennon.targets.{name}"))
    from importlib.metadata import entry_points  # noqa: PLC0415  start-up: ours need none

    found = entry_points(group=GROUP)
    others = sorted({it.name for it in found} - set(OURS))
    if name not in others:
        raise ConfigError(
            f"no target is called {name!r}", hint=f"known: {', '.join([*OURS, *others])}"
        )
    loaded = next(it for it in found if it.name == name).load()
    lacking = [it for it in ("RENDERS", "check", "apply", "health") if not hasattr(loaded, it)]
    if lacking:
        raise ConfigError(
            f"the target {name!r} of {loaded.__name__} has no {', '.join(lacking)}",
            hint="docs/targets.md says what a target has",
        )
    return cast("Target", loaded)
