"""A server of the local target: what is kept of it, how it is started, whether it is healthy."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import msgspec

from pennon.artifacts.served import Serve
from pennon.assets import fingerprint
from pennon.errors import TargetError
from pennon.targets import process

WANTED = "serve.json"
"""What the server reads, in the folder of a model in an environment; and its prediction log."""
PREDICTIONS = "predictions"
TAIL = 15


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a server, in `starting.json` until it answers, then in `current.json`.

    `pennon` is the fingerprint of the one that it runs: another one speaks another language.
    """

    serve: Serve
    port: int
    mark: process.Mark
    pennon: str

    @property
    def version(self) -> str:
        return self.serve.live.version

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        bundle = Path(self.serve.live.bundle)
        return bundle.with_name(f"{bundle.name}.log")


def start(folder: Path, serve: Serve, port: int) -> Served:
    """A new process; whether it is any good is asked by `smoke`. Raises TargetError."""
    if _taken(port):
        raise TargetError(
            f"something else answers on port {port} of this machine",
            hint="give each environment of pennon.yaml a free port of its own",
        )
    bundle = Path(serve.live.bundle)
    options = ["--port", str(port), "--log", str(folder / PREDICTIONS)]
    command = [serve.live.python, "-m", "pennon.serving", str(folder / WANTED), *options]
    mark = process.start(command, bundle.with_name(f"{bundle.name}.log"))
    return Served(serve=serve, port=port, mark=mark, pennon=fingerprint())


def smoke(served: Served) -> None:
    """Raises TargetError unless it answers as its version, also for the bundle's example row."""
    answer = process.answers(f"{served.url}/version", served.mark)
    if answer is None or json.loads(answer).get("version") != served.version:
        raise TargetError(
            f"it does not answer on port {served.port}; its log ends:\n{_tail(served.log)}"
        )
    example = Path(served.serve.live.bundle) / "example.json"
    if example.exists() and process.get(f"{served.url}/predict", example.read_bytes()) is None:
        what = f"it cannot predict its own example row; its log ends:\n{_tail(served.log)}"
        raise TargetError(what)


def healthy(served: Served) -> bool:
    if not process.alive(served.mark):
        return False
    answer = process.get(f"{served.url}/version")
    return answer is not None and json.loads(answer).get("version") == served.version


def read(file: Path) -> Served | None:
    """None for a record that is not there, or that another pennon wrote."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Served)
    except (FileNotFoundError, msgspec.ValidationError):
        return None


def write(file: Path, served: Served) -> None:
    half = file.with_suffix(".half")
    half.write_bytes(msgspec.json.encode(served))
    half.replace(file)


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
