"""Follow a version on a machine that nobody deploys to: whole bundles, the last good one kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from pennon.artifacts import verify
from pennon.artifacts.shelf import Note, Shelf, is_sound
from pennon.errors import ArtifactError, ConflictError, PennonError
from pennon.flows.versions.offers import Offer, Source, facts_of


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """`keep` is how many versions stay beside the current one."""

    model: str
    source: str  # as somebody typed it
    to: Path
    keep: int = 2


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What is current now; `before` was until then."""

    model: str
    version: str
    folder: str
    changed: bool
    before: str = ""


class Puller:
    """One folder, looked after once or again and again.

    What lies there is checked file by file when it begins, and after that when something changed.
    """

    def __init__(
        self,
        ask: Ask,
        look: Source,
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._ask = ask
        self._look = look
        self._now = now
        self._say = say
        self._shelf = Shelf(ask.to)
        self._checked: Path | None = None

    def once(self) -> Pulled:
        """Make current what the source offers, and say what is.

        Raises the PennonError that stood in the way: what was current is current still.
        """
        busy = partial(self._say, f"another pull is at work in {self._ask.to}: waiting")
        try:
            with self._shelf.locked(busy):
                return self._once()
        except PennonError as error:
            raise type(error)(error.what, hint=self._kept(error.hint)) from error
        except OSError as error:
            what = f"cannot write below {self._ask.to}: {error}"
            raise ArtifactError(what, hint=self._kept("")) from error

    def forever(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Once, and again after so many seconds; what stands in the way is said, and waited for."""
        while True:
            try:
                found = self.once()
            except PennonError as error:
                self._say(str(error))
            else:
                if found.changed:
                    self._say(f"{found.model}@{found.version} is current in {self._ask.to}")
            sleep(seconds)

    def _once(self) -> Pulled:
        note, current = self._shelf.note(), self._sound()
        if note and note.model != self._ask.model:
            raise ConflictError(
                f"{self._ask.to} follows {note.model}", hint="each model needs a folder of its own"
            )
        offer = self._look(note.event if note and note.source == self._ask.source else "")
        folder = current if current and _is(current, offer) else self._brought(offer)
        before = facts_of(current).version if current else ""
        if folder != current:
            self._shelf.switch(folder)
        self._checked = folder
        self._shelf.write(self._noted(offer))
        self._shelf.prune(self._ask.keep)
        return Pulled(
            model=offer.model,
            version=offer.version,
            folder=str(folder),
            changed=folder != current,
            before=before if before != offer.version else "",
        )

    def _sound(self) -> Path | None:
        """The current folder, if it is what it was."""
        current = self._shelf.current
        if current is None or current == self._checked or is_sound(current):
            return current
        self._say(f"{current} was damaged, and is made anew")
        return None

    def _brought(self, offer: Offer) -> Path:
        name = f"{offer.version}-{offer.artifact[7:19]}"
        there = self._shelf.find(name)
        if there:
            return there
        self._say(f"bringing {offer.model}@{offer.version}")
        return self._shelf.make(name, partial(_filled, offer))

    def _noted(self, offer: Offer) -> Note:
        return Note(
            model=offer.model,
            version=offer.version,
            artifact=offer.artifact,
            source=self._ask.source,
            event=offer.event,
            at=self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def _kept(self, hint: str) -> str:
        """What is there all the same, and how old that knowledge is."""
        note, current = self._shelf.note(), self._shelf.current
        if current is None:
            return f"{hint}; {self._ask.to} has no version yet".removeprefix("; ")
        version = facts_of(current).version
        old = age((self._now() - datetime.fromisoformat(note.at)).total_seconds()) if note else "?"
        return f"{hint}; {version} stays current, last confirmed {old} ago".removeprefix("; ")


def age(seconds: float) -> str:
    """In the largest unit of which there are two: `95 seconds`, `3 hours`."""
    units = ((86400, "days"), (3600, "hours"), (60, "minutes"))
    size, unit = next((it for it in units if seconds >= 2 * it[0]), (1, "seconds"))
    return f"{max(seconds, 0) / size:.0f} {unit}"


def _is(folder: Path, offer: Offer) -> bool:
    facts = facts_of(folder)
    return (facts.version, facts.artifact) == (offer.version, offer.artifact)


def _filled(offer: Offer, folder: Path) -> None:
    """The bundle, held to what was offered. Raises ArtifactError."""
    offer.fill(folder)
    facts = facts_of(folder)
    told = (facts.model, facts.version, facts.artifact)
    if told != (offer.model, offer.version, offer.artifact):
        what = f"{facts.model}@{facts.version} came in the place of {offer.model}@{offer.version}"
        raise ArtifactError(what, hint="do not use that source, and ask who writes to it")
    verify(folder / facts.file, facts.artifact)
