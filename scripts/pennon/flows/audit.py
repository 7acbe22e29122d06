"""The ledger of the remote against itself, against what the forge remembers, and its signatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from pennon.config import PROJECT, Registry, Signatures
from pennon.flows.release import noted_head
from pennon.flows.world import World
from pennon.forge import Release
from pennon.git import flaw, mirror
from pennon.registry import (
    Alarm,
    Known,
    ModelState,
    audit,
    read_all_remote,
    read_remote,
    registrations,
)


class Audited(msgspec.Struct, frozen=True):
    """One model: how many events were looked at, and all that is wrong."""

    model: str
    events: int
    alarms: tuple[Alarm, ...]


def audit_registry(
    world: World, model: str | None = None, *, forge: bool = True
) -> Iterator[Audited]:
    """Each model (or one), as the remote has it. Without `forge` its memory and files are left out.

    Raises GitError where the remote cannot be asked.
    """
    rules = _rules(world)
    memory = _Memory(world) if forge else None
    found = [read_remote(world.repo, model)] if model else read_all_remote(world.repo)
    for state, head in found:
        seen = memory.seen(state.model) if memory else ()
        alarms = audit(state, Known(head=head, seen=seen, writers=rules.writers))
        alarms += _signatures(world, rules, state)
        alarms += _artifacts(memory, state) if memory else ()
        yield Audited(state.model, len(state.events), tuple(alarms))
        del state  # large models: never two at a time


def audit_remote(url: str, model: str | None = None) -> Iterator[Audited]:
    """The ledger of a repository that is not here, by itself alone."""
    with mirror(url) as there:
        found = read_all_remote(there, shallow=True)
        for state, head in found:
            if model in (None, state.model):
                alarms = audit(state, Known(head=head))
                yield Audited(state.model, len(state.events), tuple(alarms))


def _rules(world: World) -> Registry:
    """Those of pennon.yaml; none where this is no model repository, like a bare one."""
    if world.read_text(PROJECT) is None:
        return Registry()
    return world.config().project.registry


class _Memory:
    """What the forge remembers of the registry: it is asked once."""

    def __init__(self, world: World) -> None:
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._releases = {release.tag: release for release in world.forge.releases()}
        for tag, release in self._releases.items():
            if head := noted_head(release):
                self._seen[tag.partition("@")[0].replace("=", ":")].add(head)
        known = world.read_text(PROJECT) is not None
        for environment in world.config().project.environments if known else ():
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


def _artifacts(memory: _Memory, state: ModelState) -> Iterator[Alarm]:
    """Each version's files, by the digests that the forge tells."""
    payloads = registrations(state.versions.values())
    for event in state.versions.values():
        payload = payloads[event.oid]
        if payload is None:
            continue
        release = memory.release(event.tag)
        if release is None:
            fix = f"pennon register {state.model} completes it if it was cut short"
            yield Alarm("release", event.tag, "has no published release", fix)
            continue
        expected = {payload.manifest.file: payload.manifest.artifact, **payload.manifest.files}
        for name, digest in expected.items():
            asset = release.asset(name)
            if asset is None or asset.digest not in (None, digest):
                what = f"{name} is {asset.digest if asset else 'missing'}, recorded was {digest}"
                fix = "do not use it; ask who writes to that release"
                yield Alarm("artifact", event.tag, what, fix)
