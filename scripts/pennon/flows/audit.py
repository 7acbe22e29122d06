"""The ledger of the remote against itself, against what the forge remembers, and its signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from pennon.config import PROJECT, Registry, Signatures
from pennon.errors import RegistryError
from pennon.flows.versions.release import noted_head
from pennon.flows.versions.stores import heavy
from pennon.flows.world import World
from pennon.forge import Release
from pennon.git import Repo
from pennon.git.mirror import mirror
from pennon.git.signatures import flaw
from pennon.registry import (
    Event,
    Manifest,
    ModelState,
    read_all_remote,
    read_remote,
    registrations,
)
from pennon.registry.audit import Alarm, Known, audit
from pennon.stores import RELEASE


class Audited(msgspec.Struct, frozen=True):
    """One model: how many events were looked at, and all that is wrong."""

    model: str
    events: int
    alarms: tuple[Alarm, ...]


Looked = tuple[ModelState, tuple[Alarm, ...]]
"""A model and all that is wrong with it."""


def audit_registry(
    world: World, model: str | None = None, *, forge: bool = True
) -> Iterator[Audited]:
    """Each model (or one), as the remote has it. Without `forge` its memory and files are left out.

    Raises GitError where the remote cannot be asked, RegistryError for a model nobody knows.
    """
    return _audited(look(world, model, memory=Memory(world) if forge else None))


def audit_remote(url: str, model: str | None = None) -> Iterator[Audited]:
    """The ledger of a repository that is not here, by itself alone."""
    return _audited(look_there(url, model))


def _audited(looked: Iterable[Looked]) -> Iterator[Audited]:
    for state, alarms in looked:
        yield Audited(state.model, len(state.events), alarms)
        del state  # large models: never two at a time


def look(
    world: World, model: str | None = None, *, memory: Memory | None = None
) -> Iterator[Looked]:
    """The same with the events themselves. Without `memory` the forge is not asked."""
    rules, known = _rules(world), False
    for state, head in _states(world.repo, model):
        seen = memory.seen(state.model) if memory else ()
        alarms = audit(state, Known(head=head, seen=seen, writers=rules.writers))
        alarms += _signatures(world, rules, state)
        alarms += _artifacts(memory, state) if memory else ()
        if state.events or alarms:
            known = True
            yield state, tuple(alarms)
        del state  # as above
    _refuse_unknown(model, known=known)


def _states(repo: Repo, model: str | None) -> Iterator[tuple[ModelState, str]]:
    """Of a bare repository on a server its own: there is no remote to ask for one model."""
    if model and repo.has_remote():
        yield read_remote(repo, model)
        return
    for state, head in read_all_remote(repo):
        if model in (None, state.model):
            yield state, head
        del state  # as above


def look_there(url: str, model: str | None = None) -> Iterator[Looked]:
    """The same of a repository that is not here."""
    with mirror(url) as there:
        known = False
        for state, head in read_all_remote(there, shallow=True):
            if model in (None, state.model):
                known = True
                yield state, tuple(audit(state, Known(head=head)))
    _refuse_unknown(model, known=known)


def _refuse_unknown(model: str | None, *, known: bool) -> None:
    """A name that nobody registered is no sound model."""
    if model and not known:
        hint = "pennon show lists the models"
        raise RegistryError(f"no version of {model!r} is registered on the remote", hint=hint)


def _rules(world: World) -> Registry:
    """Those of pennon.yaml; none where this is no model repository, like a bare one."""
    if world.read_text(PROJECT) is None:
        return Registry()
    return world.config().project.registry


class Memory:
    """What the forge remembers of the registry: it is asked once."""

    def __init__(self, world: World) -> None:
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._releases = {release.tag: release for release in world.forge.releases()}
        for tag, release in self._releases.items():
            if head := noted_head(release):
                self._seen[tag.partition("@")[0].replace("=", ":")].add(head)
        known = world.read_text(PROJECT) is not None
        self.environments = tuple(world.config().project.environments if known else ())
        for environment in self.environments:
            for deployment in world.forge.deployments(environment):
                self._seen[deployment.model].add(deployment.assignment)

    def seen(self, model: str) -> set[str]:
        return self._seen[model]

    def release(self, tag: str) -> Release | None:
        return self._releases.get(tag)


def _signatures(world: World, rules: Registry, state: ModelState) -> Iterator[Alarm]:
    if rules.signatures is not Signatures.REQUIRED:
        return
    for event in state.events:
        signers = world.root / rules.signers
        wrong = flaw(world.repo, event.oid, signers) if event.is_signed else "it has no signature"
        if wrong:
            fix = f"the keys that count are in {rules.signers}, or in your GPG keyring"
            yield Alarm("signature", event.tag, f"is not signed as it has to be: {wrong}", fix)


def _artifacts(memory: Memory, state: ModelState) -> Iterator[Alarm]:
    """Each version's files, by the digests that the forge tells."""
    payloads = registrations(state.versions.values())
    for event in state.versions.values():
        payload = payloads[event.oid]
        if payload is not None:
            yield from wrong_files(memory, event, payload.manifest)


def wrong_files(memory: Memory, event: Event, lineage: Manifest) -> Iterator[Alarm]:
    """Of one version: what its release has not, or has in another form."""
    release = memory.release(event.tag)
    if release is None:
        fix = f"pennon register {event.name.model} completes it if it was cut short"
        yield Alarm("release", event.tag, "has no published release", fix)
        return
    apart = heavy(lineage) if lineage.store != RELEASE else {}  # pennon verify reads a store
    expected = {lineage.file: lineage.artifact, **lineage.files}
    for name, digest in expected.items():
        if name in apart:
            continue
        asset = release.asset(name)
        if asset is None or asset.digest not in (None, digest):
            what = f"{name} is {asset.digest if asset else 'missing'}, recorded was {digest}"
            fix = "do not use it; ask who writes to that release"
            yield Alarm("artifact", event.tag, what, fix)
