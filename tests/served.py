"""A server of its own process for tests: started on a free port, asked, ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple, Self

from pennon.flows.demo.play import free_ports

PATIENCE = 60


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  any JSON
        return json.loads(self.body)


class Server:
    """`python -m pennon.serving WHAT …`, ready when it is made. Use it in a `with`."""

    def __init__(self, what: Path, *options: str, log: Path | None = None) -> None:
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        extra = ["--log", str(log)] if log else []
        self.output = what.parent / f"server-{self.port}.log"
        command = [sys.executable, "-m", "pennon.serving", str(what), "--port", str(self.port)]
        with self.output.open("wb") as out:
            self._process = subprocess.Popen([*command, *extra, *options], stdout=out, stderr=out)

    def __enter__(self) -> Self:
        try:
            self.until(lambda: self.get("/ready").status == 200)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> int:
        """Its exit code, once it has ended by itself."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)

    def nudge(self) -> None:
        self._process.send_signal(signal.SIGHUP)

    def get(self, path: str) -> Answer:
        return self._ask(path)

    def post(self, body: Any, path: str = "/predict", **headers: str) -> Answer:  # noqa: ANN401
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask(path, content, named)

    def until(self, condition: Any) -> None:  # noqa: ANN401  a callable without arguments
        """Wait for a condition; fail with what the server said."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            ended = self._process.poll() is not None
            assert not ended, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.02)

    def _ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(self.url + path, body, headers or {})  # noqa: S310  ours
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as found:  # noqa: S310  ours
                return Answer(found.status, dict(found.headers), found.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers), error.read())
        except urllib.error.URLError:
            return Answer(0, {}, b"")
