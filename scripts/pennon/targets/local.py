"""Deployments as processes on this machine: one folder and one server per environment and model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from pennon.artifacts import served as record
from pennon.artifacts.served import Part, Serve
from pennon.assets import fingerprint
from pennon.config import Record
from pennon.errors import TargetError
from pennon.targets import process, server
from pennon.targets.protocol import Desired, Order, Place, Rival, Running, Wrong
from pennon.targets.rendered import wrong
from pennon.targets.server import WANTED, Served
from pennon.targets.swap import swap

RENDERS = False


class Settings(Record, frozen=True, kw_only=True):
    """It has none."""


def check(settings: Mapping[str, Any]) -> list[Wrong]:
    return wrong(settings, Settings)


def apply(order: Order, place: Place) -> Running:
    rivals = place.rivals() if place.rivals else None
    asked = {name: getattr(order, name) for name in Order.__struct_fields__}
    desired = Desired(**asked, bundle=place.bundle(), rivals=rivals)
    return LocalTarget(place.folder, place.interpreter).apply(desired)


def health(order: Order, place: Place) -> Running | None:
    target = LocalTarget(place.folder, place.interpreter)
    return target.current(order.environment, order.model, order.port)


class LocalTarget:
    """`interpreter` gives the Python that a bundle needs; it may take a while at its first call."""

    def __init__(self, root: Path, interpreter: Callable[[Path], Path]) -> None:
        self._root = root
        self._interpreter = interpreter

    def current(self, environment: str, model: str, port: int) -> Running | None:
        served = self._served(environment, model)
        if served is None or served.port != port or not server.healthy(served):
            return None
        return _running(served, changed=False)

    def apply(self, desired: Desired) -> Running:
        found = self.current(desired.environment, desired.model, desired.port)
        if found and (found.version, found.rival) == (desired.version, desired.rival):
            return found
        before = self._served(desired.environment, desired.model)
        wanted = self._wanted(desired)
        if before and _swaps(before, desired):
            after = self._swapped(desired, wanted, before)
        else:
            after = self._started(desired, wanted, before)
        return _running(after, changed=True)

    def stop(self, environment: str, model: str) -> None:
        """End the server; nothing answers there until the next apply."""
        if served := self._served(environment, model):
            process.stop(served.mark)

    def _wanted(self, desired: Desired) -> Serve:
        """With copies of the bundles, and their environments, made."""
        live = self._part(desired, desired.version, desired.bundle)
        rival = desired.rival
        if rival is None or desired.rivals is None:
            return Serve(model=desired.model, live=live)
        challenger = self._part(desired, rival.version, desired.rivals)
        return Serve(model=desired.model, live=live, challenger=challenger, split=rival.split)

    def _part(self, desired: Desired, version: str, bundle: Path) -> Part:
        """The target's own copy of a bundle: the caller's may go away with its job."""
        folder = self._folder(desired.environment, desired.model) / version
        draft = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(bundle, draft)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        return Part(version=version, bundle=str(folder), python=str(self._interpreter(folder)))

    def _swapped(self, desired: Desired, wanted: Serve, before: Served) -> Served:
        """By the server that runs: it never stops answering."""
        folder = self._folder(desired.environment, desired.model)
        try:
            swap(folder / WANTED, wanted, url=before.url, mark=before.mark)
        except TargetError as error:
            hint = f"{before.version} answers there as before"
            raise _failed(desired, error, hint) from error
        after = msgspec.structs.replace(before, serve=wanted)
        server.write(folder / "current.json", after)
        return after

    def _started(self, desired: Desired, wanted: Serve, before: Served | None) -> Served:
        """A new process, after the end of the one before; that is put back where the new fails."""
        if before:
            process.stop(before.mark)
        try:
            return self._serve(desired, wanted, desired.port)
        except TargetError as error:
            raise self._put_back(desired, before, error) from error

    def _put_back(self, desired: Desired, before: Served | None, error: TargetError) -> TargetError:
        """Serve again what was served before, and say how that went."""
        if before is None:
            return _failed(desired, error, "nothing runs there")
        try:
            self._serve(desired, before.serve, before.port)
        except TargetError as worse:
            both = TargetError(f"{error}\nand {before.version} cannot be put back: {worse}")
            return _failed(desired, both, "nothing runs there")
        return _failed(desired, error, f"{before.version} answers there again")

    def _serve(self, desired: Desired, wanted: Serve, port: int) -> Served:
        """A server that answers as it should.

        It is noted before it is asked: a run that is cut short leaves no server that nobody knows.
        """
        folder = self._folder(desired.environment, desired.model)
        starting = folder / "starting.json"
        if half := server.read(starting):
            process.stop(half.mark)
        record.write(folder / WANTED, wanted)
        served = server.start(folder, wanted, port)
        server.write(starting, served)
        try:
            server.smoke(served)
        except BaseException:
            process.stop(served.mark)
            raise
        starting.replace(folder / "current.json")
        return served

    def _folder(self, environment: str, model: str) -> Path:
        return self._root / quote(environment, safe="") / quote(model, safe="")

    def _served(self, environment: str, model: str) -> Served | None:
        return server.read(self._folder(environment, model) / "current.json")


def _running(served: Served, *, changed: bool) -> Running:
    serve = served.serve
    rival = (
        Rival(version=serve.challenger.version, split=serve.split)
        if serve.challenger and serve.split
        else None
    )
    return Running(version=served.version, url=served.url, changed=changed, rival=rival)


def _swaps(before: Served, desired: Desired) -> bool:
    """Can the server that runs take the new version? One of another pennon is started anew."""
    return (
        before.port == desired.port
        and before.pennon == fingerprint()
        and process.alive(before.mark)
    )


def _failed(desired: Desired, error: TargetError, hint: str) -> TargetError:
    at = f"{desired.environment}: {desired.model}@{desired.version}"
    return TargetError(f"{at} did not become healthy: {error}", hint=hint)
