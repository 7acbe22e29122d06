"""Deployments as processes on this machine: one folder and one server per environment and model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from pennon.errors import TargetError
from pennon.targets import process
from pennon.targets.protocol import Desired, Running

TAIL = 15


class Served(msgspec.Struct, frozen=True):
    """What is kept of a server in `current.json`."""

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

    def current(self, environment: str, model: str) -> str | None:
        served = self._served(environment, model)
        return served.version if served and _healthy(served) else None

    def apply(self, desired: Desired) -> Running:
        before = self._served(desired.environment, desired.model)
        same = before and (before.version, before.port) == (desired.version, desired.port)
        if before and same and _healthy(before):
            return Running(version=before.version, url=before.url, changed=False)
        bundle = self._keep(desired)
        self._interpreter(bundle)
        if before:
            process.stop(before.mark)
        try:
            served = self._serve(desired, bundle, desired.port)
        except TargetError as error:
            raise self._put_back(desired, before, error) from error
        self._write(desired, served)
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
        served = self._serve(again, Path(before.bundle), before.port)
        self._write(again, served)
        return TargetError(
            f"{at} did not become healthy: {error}", hint=f"{before.version} answers there again"
        )

    def _serve(self, desired: Desired, bundle: Path, port: int) -> Served:
        """A server that answers as the version it should, also for the bundle's example row."""
        log = bundle.parent / f"{bundle.name}.log"
        python = str(self._interpreter(bundle))
        command = [python, "-m", "pennon.serving", str(bundle), "--port", str(port)]
        mark = process.start(command, log)
        served = Served(desired.version, str(bundle), port, mark)
        try:
            self._smoke(served, bundle, log)
        except TargetError:
            process.stop(mark)
            raise
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
        return self._root / environment / model.replace(":", "=").replace("/", "_")

    def _served(self, environment: str, model: str) -> Served | None:
        try:
            content = (self._folder(environment, model) / "current.json").read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.json.decode(content, type=Served)

    def _write(self, desired: Desired, served: Served) -> None:
        file = self._folder(desired.environment, desired.model) / "current.json"
        half = file.with_suffix(".half")
        half.write_bytes(msgspec.json.encode(served))
        half.replace(file)


def _healthy(served: Served) -> bool:
    if not process.alive(served.mark):
        return False
    answer = process.get(f"{served.url}/version")
    return answer is not None and json.loads(answer).get("version") == served.version


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:]
    return "\n".join(f"  {line}" for line in lines) or "  (empty)"
