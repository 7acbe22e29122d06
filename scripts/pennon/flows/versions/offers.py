"""Where `pennon pull` finds a version: the registry of a git repository, or archives in a place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from pennon.artifacts import digest as file_digest
from pennon.artifacts.archive import unpack
from pennon.artifacts.bundle import MANIFEST, Facts
from pennon.artifacts.parcel import CURRENT, parcel
from pennon.errors import ArtifactError, RegistryError
from pennon.flows.versions.bundle import fill
from pennon.flows.versions.release import manifest
from pennon.flows.world import World
from pennon.git.signatures import flaw
from pennon.registry import ModelState, Reference, read_remote
from pennon.registry.audit import Known, audit
from pennon.registry.reference import meant
from pennon.stores import open_store

ARCHIVE = ".tar.gz"
_BROKEN = {"chain", "date", "head", "deleted", "name", "commit"}
"""What cannot be in a ledger that nobody tampered with. GTO's own events are no such thing."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A version that may be had. `fill` writes its bundle into a folder, verified."""

    model: str
    version: str
    artifact: str
    fill: Callable[[Path], None]
    event: str = ""  # object id of the registry's newest event


Source = Callable[[str], Offer]
"""The newest event that was seen last time (or nothing) -> what there is now."""


def registry(world: World, wanted: Reference, signers: Path | None = None) -> Source:
    """The tags of the world's remote. With `signers` every event has to be signed by one of them.

    Raises GitError where it does not answer, RegistryError for a ledger that was tampered with.
    """

    def look(seen: str) -> Offer:
        state, head = read_remote(world.repo, wanted.model)
        _refuse_broken(world, state, Known(head=head, seen=(seen,) if seen else ()), signers)
        version = meant(state, wanted)
        return Offer(
            model=state.model,
            version=str(version),
            artifact=manifest(state, version).artifact,
            fill=lambda folder: fill(world, state, version, folder),
            event=state.last.oid if state.last else "",
        )

    return look


def _refuse_broken(world: World, state: ModelState, known: Known, signers: Path | None) -> None:
    wrong = [f"{it.tag} {it.what}" for it in audit(state, known) if it.code in _BROKEN]
    for event in state.events if signers else ():
        said = flaw(world.repo, event.oid, signers or Path()) if event.is_signed else "no signature"
        wrong += [f"{event.tag} is not signed as it has to be: {said}"] if said else []
    if wrong:
        raise RegistryError(
            f"the tags of {state.model} are not what was written: {'; '.join(wrong[:3])}",
            hint=f"pennon audit {state.model} says all of it; nothing was changed here",
        )


def is_archive(where: str) -> bool:
    return where.endswith((ARCHIVE, f"/{CURRENT}"))


def archives(where: str, wanted: Reference) -> Source:
    """An archive of the target `bundle`, or the `current.json` that names one.

    Raises ArtifactError for what is none, StoreError where nothing answers there.
    """
    if wanted.stage:
        raise RegistryError(
            f"an archive has no stage {wanted.stage!r}: it is of one environment",
            hint=f"leave it out: pennon pull {wanted.model}",
        )

    def look(_: str) -> Offer:
        found = _lying(Path(where)) if where.endswith(ARCHIVE) else _pointed(where)
        told = (found.model, found.version if wanted.version else "")
        if told != (wanted.model, wanted.version):
            raise RegistryError(
                f"{where} is {found.model}@{found.version}",
                hint=f"pennon pull {found.model} follows it",
            )
        return found

    return look


def _pointed(where: str) -> Offer:
    base, *pointer = where.rsplit("/", 3)
    store = open_store(base)
    found = parcel(store.read("/".join(pointer)))
    if found is None:
        raise ArtifactError(f"{where} is not there, or not what pennon wrote")

    def fill_from(folder: Path) -> None:
        with TemporaryDirectory(dir=folder.parent, prefix=".new-") as aside:
            archive = Path(aside) / Path(found.name).name
            store.get(found.digest, archive)
            unpack(archive, folder)

    return Offer(model=found.model, version=found.version, artifact=found.artifact, fill=fill_from)


def _lying(archive: Path) -> Offer:
    """Unpacked twice: once to know what it is. Carried by hand it is read once in a while."""
    if not archive.is_file():
        raise ArtifactError(f"there is no archive {archive}")
    digest = file_digest(archive)
    with TemporaryDirectory() as aside:
        unpack(archive, Path(aside))
        facts = facts_of(Path(aside))

    def fill_from(folder: Path) -> None:
        if file_digest(archive) != digest:
            raise ArtifactError(f"{archive} changed while it was read", hint="run it again")
        unpack(archive, folder)

    return Offer(model=facts.model, version=facts.version, artifact=facts.artifact, fill=fill_from)


def facts_of(bundle: Path) -> Facts:
    """What a bundle says that it is. Raises ArtifactError."""
    try:
        return msgspec.json.decode((bundle / MANIFEST).read_bytes(), type=Facts)
    except (OSError, msgspec.DecodeError) as error:
        raise ArtifactError(f"{bundle.name} is no bundle: {MANIFEST}: {error}") from None
