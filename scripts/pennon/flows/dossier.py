"""All that is recorded of one version, for auditors: ledger, lineage, people, deployments."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pennon.config import Against
from pennon.errors import PennonError
from pennon.evaluation import Evaluation, Verdict, decide, digest
from pennon.flows.audit import Looked, Memory, look, look_there, wrong_files
from pennon.flows.upkeep.principles import keeping
from pennon.flows.versions.events import EventRow, rows
from pennon.flows.versions.release import EVALUATION, download
from pennon.flows.world import World
from pennon.forge import Deployment, Merged
from pennon.registry import (
    Event,
    EventKind,
    Manifest,
    ModelState,
    Reference,
    Registration,
    Version,
    registrations,
    version,
)
from pennon.registry.audit import Alarm
from pennon.registry.grammar import parse
from pennon.registry.reference import meant
from pennon.report.principles import Kept

_OF_THE_MODEL = {"chain", "head", "deleted"}
"""What is wrong with a chain may have been said about any version."""


class AtForge(msgspec.Struct, frozen=True, kw_only=True):
    """What the forge has of a version: `files` compared by their digests, and the people.

    `verdict` is what the gates of its commit say of the stored evidence; null where one of them
    cannot be had. `principles` are those of its commit, by that verdict.
    """

    where: str
    files: int
    pull: Merged | None
    verdict: Verdict | None
    verdict_digest: str
    deployments: tuple[Deployment, ...]
    principles: tuple[Kept, ...] = ()


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """`manifest` is null for a tag without one, `forge` where it was not asked.

    `events` are those about the version, oldest first; `ledger` counts all of its model.
    """

    model: str
    version: str
    retired: bool
    stages: tuple[str, ...]
    registered: EventRow
    manifest: Manifest | None
    events: tuple[EventRow, ...]
    ledger: int
    findings: tuple[Alarm, ...]
    forge: AtForge | None = None


def dossier(world: World, wanted: Reference, *, forge: bool = True) -> Dossier:
    """Of a retired version as well. Raises RegistryError for one that was never registered."""
    memory = Memory(world) if forge else None
    (looked,) = look(world, wanted.model, memory=memory)
    subject = _Subject(looked, wanted)
    if memory is None:
        return subject.told()
    findings = subject.findings
    if subject.payload and subject.retired:  # the audit of a registry leaves these out
        findings += tuple(wrong_files(memory, subject.made, subject.payload.manifest))
    known = _known(world, memory, subject)
    return msgspec.structs.replace(subject.told(), findings=findings, forge=known)


def dossier_there(url: str, wanted: Reference) -> Dossier:
    """Of a repository that is not here, by its ledger alone."""
    (looked,) = look_there(url, wanted.model)
    return _Subject(looked, wanted).told()


class _Subject:
    """A version in the ledger of its model."""

    def __init__(self, looked: Looked, wanted: Reference) -> None:
        self._state, alarms = looked
        self.model = self._state.model
        self.version = version(wanted.version) if wanted.version else meant(self._state, wanted)
        self.made = _made(self._state, self.version)
        self.payload: Registration | None = registrations([self.made])[self.made.oid]
        self.about = [it for it in self._state.events if it.version == self.version]
        tags = {event.tag for event in self.about}
        self.findings = tuple(it for it in alarms if it.tag in tags or self._concerns(it))

    @property
    def retired(self) -> bool:
        return self.version not in self._state.versions

    def told(self) -> Dossier:
        told = {row.oid: row for row in rows(self.about)}
        held = self._state.stages.items()
        return Dossier(
            model=self.model,
            version=str(self.version),
            retired=self.retired,
            stages=tuple(sorted(name for name, it in held if it.version == self.version)),
            registered=told[self.made.oid],
            manifest=self.payload.manifest if self.payload else None,
            events=tuple(told.values()),
            ledger=len(self._state.events),
            findings=self.findings,
        )

    def _concerns(self, alarm: Alarm) -> bool:
        """It may be about this version; what is surely about another one is left out."""
        if alarm.code != "unusable":
            return alarm.code in _OF_THE_MODEL
        name = parse(alarm.tag)
        return name is None or name.version in (None, self.version)


def _made(state: ModelState, wanted: Version) -> Event:
    """The newest registration, of a retired version as well."""
    for event in reversed(state.events):
        if (event.name.kind, event.version) == (EventKind.REGISTER, wanted):
            return event
    return state.find(wanted)


def _known(world: World, memory: Memory, it: _Subject) -> AtForge:
    verdict = _verdict(world, it.made, it.payload.manifest) if it.payload else None
    compared = 1 + len(it.payload.manifest.files) if it.payload else 0
    found = [
        deployment
        for environment in memory.environments
        for deployment in world.forge.deployments_of(environment, it.model, str(it.version))
    ]
    return AtForge(
        where=world.forge.where,
        files=compared if memory.release(it.made.tag) else 0,
        pull=world.forge.merged(it.made.commit),
        verdict=verdict,
        verdict_digest=digest(verdict) if verdict else "",
        principles=_principles(world, it.payload, verdict),
        deployments=tuple(sorted(found, key=lambda deployment: (deployment.at, deployment.id))),
    )


def _principles(
    world: World, made: Registration | None, verdict: Verdict | None
) -> tuple[Kept, ...]:
    if made is None or verdict is None:
        return ()
    commit = made.manifest.commit
    return keeping(world, world.config_at(commit), verdict, commit)


def _verdict(world: World, made: Event, lineage: Manifest) -> Verdict | None:
    """Evidence that is not what was recorded proves nothing; a shallow clone lacks the gates."""
    if EVALUATION not in lineage.files:
        return None
    with TemporaryDirectory() as folder:
        file = Path(folder) / EVALUATION
        try:
            download(world, made.tag, EVALUATION, file, digest=lineage.files[EVALUATION])
            gates = world.config_at(lineage.commit).gates
            evidence = msgspec.json.decode(file.read_bytes(), type=Evaluation)
            champion = evidence.against(Against.CHAMPION)
            return decide(evidence, gates, champion.name if champion else None)
        except (PennonError, msgspec.MsgspecError) as error:
            world.say(f"the gates were not asked again: {error}")
            return None
