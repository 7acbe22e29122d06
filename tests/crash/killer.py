"""A process that runs pennon's verbs in children and lets each child kill itself at one point.

Points are counted: before and after every git process, every call of the forge; and, as a moment
of its own, while `git push` is under way, which then goes on without us. It answers one JSON line
for each JSON line that it is asked:  {"folder", "verb", "at"}  ->  {"killed", "points", "error"}.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import sklearn.linear_model  # noqa: F401  warm: what a training imports
import skops.io  # noqa: F401

from pennon.flows.assign import Ask, Then
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.forge.local import LocalForge
from pennon.git import process
from shop import MODEL, world

VERBS: dict[str, Callable[[World], object]] = {
    "register": lambda here: register(here, Registration(dispatch=True)),
    "promote": lambda here: promote(here, Ask(model=MODEL, then=Then.DISPATCH)),
    "rollback": lambda here: rollback(
        here, Ask(model=MODEL, reason="wrong for FR", then=Then.DISPATCH)
    ),
}


class Points:
    """Counts the points of one run, tells each through a pipe, and dies at the one asked for."""

    def __init__(self, at: int, tell: int) -> None:
        self._at = at
        self._count = 0
        self._tell = tell

    def reached(self, name: str) -> bool:
        self._count += 1
        os.write(self._tell, f"{name}\n".encode())
        return self._count == self._at

    def here(self, name: str) -> None:
        if self.reached(name):
            die()

    def around(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def counted(*positional: object, **named: object) -> Any:  # noqa: ANN401  any method's
            self.here(f"before {name}")
            result = act(*positional, **named)
            self.here(f"after {name}")
            return result

        return counted

    def git(self, command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401
        name = f"git {next(word for word in command[1:] if not word.startswith(('-', 'include')))}"
        self.here(f"before {name}")
        if name == "git push" and self.reached("during git push"):
            names = ("cwd", "env")
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.Popen(command, **quiet, **{it: more[it] for it in names})  # type: ignore[call-overload]  # what run was given
            die()
        result = subprocess.run(command, **more)  # noqa: PLW1510  `check` is among more
        self.here(f"after {name}")
        return result

    def started(self, command: list[str], **more: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401
        self.here(f"before git {command[1]}")
        return subprocess.Popen(command, **more)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def patch(points: Points) -> None:
    """This process is a child of its own: nobody has to take it back."""
    real = {"PIPE": subprocess.PIPE, "DEVNULL": subprocess.DEVNULL}
    seen = SimpleNamespace(run=points.git, Popen=points.started, **real)
    vars(process)["subprocess"] = seen  # the git room alone: other processes are not counted
    for name, act in vars(LocalForge).items():
        if callable(act) and not name.startswith("_"):
            setattr(LocalForge, name, points.around(f"forge {name}", act))


def run(folder: Path, verb: str, at: int) -> dict[str, object]:
    """Run the verb in a child that dies at point `at` (0: never). One job at a time."""
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _in_child(folder, verb, Points(at, telling))
    os.close(telling)
    with os.fdopen(reading) as told:
        lines = told.read().splitlines()
    _, status = os.waitpid(child, 0)
    error = "\n".join(line[6:] for line in lines if line.startswith("error "))
    points = [line for line in lines if not line.startswith("error ")]
    return {"killed": os.WIFSIGNALED(status), "points": points, "error": error}


def _in_child(folder: Path, verb: str, points: Points) -> None:
    code = 0
    try:
        patch(points)
        os.chdir(folder / "work")
        VERBS[verb](world(folder / "work"))
    except BaseException:  # noqa: BLE001  the parent tells the test
        code = 1
        words = "".join(f"error {line}\n" for line in traceback.format_exc().splitlines())
        os.write(points._tell, words.encode())
    finally:
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        answer = run(Path(asked["folder"]), asked["verb"], asked["at"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
