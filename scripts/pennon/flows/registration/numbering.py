"""The number of a new version: after the highest there ever was, by as much as changed."""

from __future__ import annotations

import msgspec

from pennon.config import Config
from pennon.errors import PennonError
from pennon.flows.registration.bump import Bump, Decided, Side, decide, face
from pennon.flows.versions.changes import recipe
from pennon.flows.world import World
from pennon.registry import EventKind, ModelState, Version, registrations

FIRST = Version("v1.0.0")


class Numbered(msgspec.Struct, frozen=True):
    """A version that nobody has registered, and why it is this one."""

    version: Version
    why: str


def next_version(world: World, config: Config, state: ModelState, asked: Bump) -> Numbered:
    """None comes twice: retired versions count as well."""
    if not any(event.name.kind is EventKind.REGISTER for event in state.events):
        return Numbered(FIRST, "the first version")
    if asked is Bump.AUTO:
        decided = decide(_before(world, state), _now(world, config, state.model))
    else:
        decided = Decided(asked, "asked for by name")
    return Numbered(after(state, decided.part), f"{decided.part}: {decided.why}")


def after(state: ModelState, part: str) -> Version:
    """The version after the highest one by this part; the first where there is none."""
    known = [event.version for event in state.events if event.name.kind is EventKind.REGISTER]
    highest = max((version for version in known if version is not None), default=None)
    return highest.bump(part) if highest else FIRST


def _now(world: World, config: Config, model: str) -> Side:
    made_of = recipe(world.repo, world.repo.head(), config, model)
    return Side(made_of, face(config, model))


def _before(world: World, state: ModelState) -> Side | None:
    """The highest version that counts; None where its commit or record is not here."""
    newest = list(state.versions.values())[-1:]
    payload = next(iter(registrations(newest).values()), None)
    if payload is None:
        return None
    commit = payload.manifest.commit
    try:
        config = world.config_at(commit)
        made_of = recipe(world.repo, commit, config, state.model)
        return Side(made_of, face(config, state.model))
    except (PennonError, KeyError):
        return None
