"""The environments of pennon.yaml as places to deploy to, and what cannot work about them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pennon.config import PROJECT, Config, Environment, Problem
from pennon.config.rollout import ROLLOUT, Mode
from pennon.errors import ConfigError
from pennon.targets import Splits, splits, target
from pennon.targets.image import is_pinned, is_reference


def unsound(config: Config) -> Iterator[Problem]:
    """Targets that nobody has, settings that they refuse, and addresses that are needed."""
    for name, place in config.project.environments.items():
        at = f"environments.{name}"
        try:
            found = target(place.target)
        except ConfigError as error:
            yield Problem(PROJECT, f"{at}.target", str(error))
            continue
        for it in found.check(place.settings):
            path = f"{at}.settings.{it.path}" if it.path else f"{at}.settings"
            yield Problem(PROJECT, path, it.what)
        if found.RENDERS:
            yield from _rendered(name, place, config)


def unsplit(config: Config) -> Iterator[Problem]:
    """Rollouts in environments where nobody would give a challenger its share."""
    for name, plan in config.rollouts.models.items():
        place = config.project.environments.get(plan.environment)
        if place is None:
            continue
        who = splits(place.target, place.settings)
        if who is Splits.SERVER or (who is Splits.ENGINE and plan.mode is Mode.CANARY):
            continue
        others = "; Argo Rollouts takes a canary alone" if who is Splits.ENGINE else ""
        yield Problem(
            ROLLOUT,
            f"models.{name}.environment",
            f"nobody splits the traffic of {plan.environment} (target {place.target}) for mode "
            f"{plan.mode}{others}: docs/rollout.md says where that works",
        )


def named(environments: dict[str, Environment], environment: str | None) -> list[str]:
    """All of them in their order, or this one. Raises ConfigError for an unknown one."""
    if environment is not None and environment not in environments:
        known = ", ".join(environments) or "none"
        raise ConfigError(f"{PROJECT} has no environment {environment!r}", hint=f"it has: {known}")
    return [name for name in in_order(environments) if environment in (None, name)]


def in_order(environments: dict[str, Environment]) -> list[str]:
    """Each environment after the one that it waits for. Raises ConfigError for a circle."""
    done: list[str] = []
    while len(done) < len(environments):
        ready = [
            name
            for name, environment in environments.items()
            if name not in done and (environment.after is None or environment.after in done)
        ]
        if not ready:
            circle = ", ".join(name for name in environments if name not in done)
            raise ConfigError(f"pennon.yaml: the environments {circle} wait for each other")
        done += ready
    return done


def address(place: Environment, model: str) -> str:
    """Where a model of the environment answers; empty where nobody says."""
    return place.url.replace("{model}", quote(model, safe=""))


def is_alone(name: str, environments: dict[str, Environment]) -> bool:
    """Whether it waits for no other environment, and no other for it."""
    return environments[name].after is None and not _waiting(name, environments)


def renders(place: Environment) -> bool:
    return target(place.target).RENDERS


def _waiting(name: str, environments: dict[str, Environment]) -> list[str]:
    return [other for other, it in environments.items() if it.after == name]


def _rendered(name: str, place: Environment, config: Config) -> Iterator[Problem]:
    at, environments = f"environments.{name}", config.project.environments
    waiting = _waiting(name, environments)
    if waiting and not place.url:
        what = f"{waiting[0]} waits for it, and nobody can ask whether it is healthy: it needs one"
        yield Problem(PROJECT, f"{at}.url", what)
    if place.contract and not place.url:
        what = "is needed: the contract tests ask a server (contract: true)"
        yield Problem(PROJECT, f"{at}.url", what)
    if place.url and "{model}" not in place.url and len(config.project.models) > 1:
        what = "is one address for several models: write {model} where their name belongs"
        yield Problem(PROJECT, f"{at}.url", what)
    image = str(place.settings.get("image") or "")
    if is_reference(image) and not is_pinned(image) and not is_alone(name, environments):
        what = f"{image} may move: name it by its digest, {image}@sha256:…"
        yield Problem(PROJECT, f"{at}.settings.image", what)
