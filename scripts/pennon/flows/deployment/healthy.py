"""Which version to go back to: the last one that was healthy there, by the records of the forge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pennon.config import Config, Environment
from pennon.errors import PennonError
from pennon.flows.deployment.places import in_order, renders
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.forge import Deployment, DeploymentState
from pennon.registry import ModelState, Version, assignments
from pennon.stores import RELEASE, open_store

Places = Mapping[str, Environment]
"""The environments that run a stage, by name."""


class Skipped(msgspec.Struct, frozen=True):
    """A version that was nearer, and why it is not the way back."""

    version: str
    why: str


class Way(msgspec.Struct, frozen=True):
    """The version to go back to, None where there is none; `basis` is how that is known.

    `records` is what was read for it, None where nothing could be.
    """

    version: Version | None
    basis: str
    skipped: tuple[Skipped, ...] = ()
    records: list[Records] | None = None


class Records:
    """Deployments of a model to one environment, read from the forge no further than needed."""

    def __init__(self, environment: str, found: Iterator[Deployment]) -> None:
        self.environment = environment
        self._found = found
        self._newest: dict[str, Deployment] = {}
        self.newest = self._take()

    def of(self, version: Version) -> Deployment | None:
        """The newest of a version."""
        name = str(version)
        while name not in self._newest and self._take():
            pass
        return self._newest.get(name)

    def fault(self, version: Version) -> str:
        """Why the version does not count as healthy there; empty where it does."""
        found = self.of(version)
        if found is None:
            return f"no deployment of it to {self.environment} is on record"
        match found.state:
            case DeploymentState.SUCCESS:
                return ""
            case DeploymentState.FAILURE:
                why = f": {found.why}" if found.why else ""
                return f"it did not become healthy in {self.environment}{why}"
            case DeploymentState.IN_PROGRESS:
                return f"its deployment to {self.environment} did not end"

    def _take(self) -> Deployment | None:
        found = next(self._found, None)
        if found is not None:
            self._newest.setdefault(found.version, found)
        return found


def way_back(world: World, state: ModelState, stage: str, places: Places) -> Way:
    """From whoever holds the stage now, which the environments `places` run.

    Where nothing is on record the ledger alone decides: whoever held the stage before.
    """
    known, basis = recorded(world, state.model, places)
    skipped: list[Skipped] = []
    for version, why in held_before(state, stage):
        fault = why or next(filter(None, (it.fault(version) for it in known or ())), "")
        if needs_files(places) and known is not None:
            fault = fault or gone(world, state, version)
        if not fault:
            return Way(version, basis, tuple(skipped), known)
        skipped.append(Skipped(str(version), fault))
    return Way(None, basis, tuple(skipped), known)


def places_of(config: Config, stage: str) -> Places:
    """Those that wait for others come first: users are there, and a rollback waits for nobody."""
    found = config.project.environments
    return {name: found[name] for name in in_order(found)[::-1] if found[name].stage == stage}


def recorded(world: World, model: str, places: Iterable[str]) -> tuple[list[Records] | None, str]:
    """The environments that have any record of the model, and on what the decision rests.

    None where the forge cannot be asked.
    """
    try:
        found = [Records(name, world.forge.tries(name, model)) for name in places]
    except PennonError as error:
        return None, f"the ledger alone, because the deployments cannot be read: {error.what}"
    known = [it for it in found if it.newest]
    if not known:
        return [], f"the ledger alone: no deployment of {model} is on record"
    return known, f"the deployments to {' and '.join(it.environment for it in known)}"


def held_before(state: ModelState, stage: str) -> Iterator[tuple[Version, str]]:
    """Whoever held the stage, the last one first, and why it is out of the question (or "").

    A rollback undoes whatever came after its target, so the next one goes further back, never to
    a version that somebody rolled back from.
    """
    events = state.assignments(stage)
    made = assignments(events)
    held: dict[Version, str] = {}  # in the order of the last time; why it was left for good
    for event in events:
        if event.version is None:
            continue
        payload = made.get(event.oid)
        if payload is not None and payload.rollback and held.get(event.version) == "":
            after = list(held)[list(held).index(event.version) :]
            held |= {it: held[it] or f"it was rolled back from ({event.tag})" for it in after}
        held.pop(event.version, None)
        held[event.version] = ""
    for version, why in reversed(held.items()):
        if version != state.holder(stage):
            yield version, why if version in state.versions else "it is retired"


def needs_files(places: Places) -> bool:
    """Whether any of them starts the version from its release; an image has it inside."""
    return not all(map(renders, places.values()))


def gone(world: World, state: ModelState, version: Version) -> str:
    """Why the version cannot be deployed any more; empty where nothing speaks against it."""
    event, lineage = state.find(version), manifest(state, version)
    try:
        release = world.forge.release(event.tag)
        if release is None:
            return "its release is gone"
        if lineage.store != RELEASE:
            there = open_store(lineage.store).has(lineage.artifact)
            return "" if there else f"{lineage.store} has its artifact no more"
        return "" if release.asset(lineage.file) else f"its release has no {lineage.file}"
    except PennonError as error:
        world.say(f"whether {event.tag} still has its files is not known: {error.what}")
        return ""
