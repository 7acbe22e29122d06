"""A server process that outlives its starter: started, found again, stopped, never mistaken."""

from __future__ import annotations

import os
import signal
import subprocess  # noqa: TID251  the servers of the local target
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

PATIENCE = 60.0
"""Seconds that a server may take to load its model and answer."""
BEAT = 0.05
Found = TypeVar("Found")
_KEPT_BACK = ("GITHUB_", "GH_", "ACTIONS_", "RUNNER_", "PENNON_", "INPUT_")
"""Variables of the job that starts a server, by their beginnings: its tokens are not the server's,
and by RUNNER_TRACKING_ID a runner ends what a job left behind."""


class Mark(msgspec.Struct, frozen=True):
    """A process id with its start time: an id alone may be given to somebody else."""

    pid: int
    started: str


def start(command: list[str], log: Path) -> Mark:
    """Start `command` in a session of its own, its output in `log`: it outlives this process."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    inherited = os.environ.items()  # noqa: TID251  the server's is the user's own
    environment = {name: value for name, value in inherited if not name.startswith(_KEPT_BACK)}
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True)
    return Mark(pid, _started(pid))


def alive(mark: Mark) -> bool:
    _reap(mark.pid)
    return bool(mark.started) and _started(mark.pid) == mark.started


def stop(mark: Mark) -> None:
    """Ask it to end, then make it; returns when it is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not alive(mark):
            return
        os.kill(mark.pid, number)
        until(lambda: not alive(mark), 10)


def answers(url: str, mark: Mark) -> bytes | None:
    """The body of `url` once it answers 200; None if the process ends or stays silent too long."""
    found: list[bytes] = []

    def asked() -> bool:
        body = get(url)
        if body is not None:
            found.append(body)
        return bool(found) or not alive(mark)

    until(asked, PATIENCE)
    return found[0] if found else None


def until(condition: Callable[[], Found], patience: float) -> Found:
    """The condition's first value that is true; its last one after so many seconds."""
    deadline = time.monotonic() + patience
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(BEAT)
    return found


def get(url: str, body: bytes | None = None) -> bytes | None:
    """What `url` answers with 200 (a POST where there is a body); None for anything else.

    The server's log says that this was a test.
    """
    headers = {"Content-Type": "application/json", "X-Pennon-Test": "1"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310  http
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback
            content: bytes = answer.read()
            return content
    except (urllib.error.URLError, OSError):
        return None


def _started(pid: int) -> str:
    """When the process began, as the system counts; empty where there is none."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    done = subprocess.run(  # noqa: S603
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607  where the system has it
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _reap(pid: int) -> None:
    """A child of ours that ended stays in the table until somebody asks."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
