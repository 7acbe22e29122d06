"""Deployments as processes on this machine: one folder and one server per environment and model."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import msgspec

from pennon.errors import TargetError
from pennon.targets import process
from pennon.targets.protocol import Desired, Running

TAIL = 15


class Served(msgspec.Struct, frozen=True):
    """What is kept of a server, in `starting.json` until it answers, then in `current.json`."""

    version: str
    bundle: str
    port: int
    mark: process.Mark

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class LocalTarget:
    """`interpreter` gives the Python that a bundle needs; it may take a while at its first call."""

    def __init__(self, root: Path, interpreter: Callable[[Path], Path]) -> None:
        self._root = root
        self._interpreter = interpreter

    def current(self, environment: str, model: str, port: int) -> Running | None:
        served = self._served(environment, model)
        if served is None or served.port != port or not _healthy(served):
            return None
        return Running(version=served.version, url=served.url, changed=False)

    def apply(self, desired: Desired) -> Running:
        found = self.current(desired.environment, desired.model, desired.port)
        if found and found.version == desired.version:
            return found
        before = self._served(desired.environment, desired.model)
        bundle = self._keep(desired)
        self._interpreter(bundle)
        if before:
            process.stop(before.mark)
        try:
            served = self._serve(desired, bundle, desired.port)
        except TargetError as error:
            raise self._put_back(desired, before, error) from error
        return Running(version=served.version, url=served.url, changed=True)

    def stop(self, environment: str, model: str) -> None:
        """End the server; nothing answers there until the next apply."""
        if served := self._served(environment, model):
            process.stop(served.mark)

    def _put_back(self, desired: Desired, before: Served | None, error: TargetError) -> TargetError:
        """Serve again what was served before, and say how that went."""
        at = f"{desired.environment}: {desired.model}@{desired.version}"
        if before is None:
            return TargetError(f"{at} did not become healthy: {error}", hint="nothing runs there")
        again = msgspec.structs.replace(desired, version=before.version, port=before.port)
        try:
            self._serve(again, Path(before.bundle), before.port)
        except TargetError as worse:
            return TargetError(
                f"{at} did not become healthy: {error}\n"
                f"and {before.version} cannot be put back: {worse}",
                hint="nothing runs there",
            )
        return TargetError(
            f"{at} did not become healthy: {error}", hint=f"{before.version} answers there again"
        )

    def _serve(self, desired: Desired, bundle: Path, port: int) -> Served:
        """A server that answers as the version it should, also for the bundle's example row.

        It is noted before it is asked: a run that is cut short leaves no server that nobody knows.
        """
        current = self._current(desired.environment, desired.model)
        starting = current.with_name("starting.json")
        if half := _read(starting):
            process.stop(half.mark)
        if _taken(port):
            raise TargetError(
                f"something else answers on port {port} of this machine",
                hint="give each environment of pennon.yaml a free port of its own",
            )
        log = bundle.parent / f"{bundle.name}.log"
        python = str(self._interpreter(bundle))
        command = [python, "-m", "pennon.serving", str(bundle), "--port", str(port)]
        mark = process.start(command, log)
        served = Served(desired.version, str(bundle), port, mark)
        _write(starting, served)
        try:
            self._smoke(served, bundle, log)
        except BaseException:
            process.stop(mark)
            raise
        starting.replace(current)
        return served

    def _smoke(self, served: Served, bundle: Path, log: Path) -> None:
        answer = process.answers(f"{served.url}/version", served.mark)
        if answer is None or json.loads(answer).get("version") != served.version:
            raise TargetError(
                f"it does not answer on port {served.port}; its log ends:\n{_tail(log)}"
            )
        example = bundle / "example.json"
        if example.exists() and process.get(f"{served.url}/predict", example.read_bytes()) is None:
            raise TargetError(f"it cannot predict its own example row; its log ends:\n{_tail(log)}")

    def _keep(self, desired: Desired) -> Path:
        """The target's own copy of the bundle: the caller's may go away with its job."""
        folder = self._folder(desired.environment, desired.model) / desired.version
        draft = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(desired.bundle, draft)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        return folder

    def _folder(self, environment: str, model: str) -> Path:
        return self._root / quote(environment, safe="") / quote(model, safe="")

    def _current(self, environment: str, model: str) -> Path:
        return self._folder(environment, model) / "current.json"

    def _served(self, environment: str, model: str) -> Served | None:
        return _read(self._current(environment, model))


def _read(file: Path) -> Served | None:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=Served)


def _write(file: Path, served: Served) -> None:
    half = file.with_suffix(".half")
    half.write_bytes(msgspec.json.encode(served))
    half.replace(file)


def _healthy(served: Served) -> bool:
    if not process.alive(served.mark):
        return False
    answer = process.get(f"{served.url}/version")
    return answer is not None and json.loads(answer).get("version") == served.version


def _taken(port: int) -> bool:
    """Whoever sits there would answer in place of the server that is to be started."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
    return "\n".join(f"  {line}" for line in lines) or "  (empty)"
