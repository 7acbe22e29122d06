"""A process that runs pennon's verbs in children and lets them kill themselves at points.

Points are counted: before and after every git process, every call of the forge; and, as a moment
of its own, while `git push` is under way, which then goes on without us. Who connects to its socket
sends  {"folder", "verb", "at"}  with a point's number or name, and hears a line of JSON for each
point, then what went wrong or that it is done. A child that was killed says no last word.

Asked for EACH point, a child forks there: one of the two processes, which are the same, kills
itself; the other says so, waits for a line, and goes on to the next point.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import sklearn.linear_model  # noqa: F401  warm: what a training imports
import skops.io  # noqa: F401

from pennon.flows.assignment.assign import Ask, Then
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.retire import retire
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.forge.local import LocalForge
from pennon.git import process
from pennon.registry import reference
from shop import MODEL, world

EACH = "each"
VERBS: dict[str, Callable[[World], object]] = {
    "register": lambda here: register(here, Registration(dispatch=True)),
    "promote": lambda here: promote(here, Ask(model=MODEL, then=Then.DISPATCH)),
    "rollback": lambda here: rollback(
        here, Ask(model=MODEL, reason="wrong for FR", then=Then.DISPATCH)
    ),
    "retire": lambda here: retire(here, reference(f"{MODEL}#champion"), "nobody is to be asked"),
}


class Points:
    """Counts the points of one run, tells each, and dies where it was asked to."""

    def __init__(self, at: int | str, test: socket.socket) -> None:
        self._at = at
        self._count = 0
        self._test = test

    def say(self, **words: object) -> None:
        self._test.sendall(json.dumps(words).encode() + b"\n")

    def reached(self, name: str) -> bool:
        self._count += 1
        self.say(point=name)
        return self._at in (self._count, name)

    def here(self, name: str) -> None:
        if self.reached(name) or (self._at == EACH and self._is_twin()):
            die()

    def _is_twin(self) -> bool:
        """True in a second process like this one; False in this one, once the other is dead."""
        here = os.getcwd()  # noqa: PTH109  a name: the folder may be gone, and a copy in its place
        twin = os.fork()
        if twin == 0:
            return True
        _, status = os.waitpid(twin, 0)
        self.say(signal=os.WTERMSIG(status))
        if not self._test.recv(1):
            os._exit(1)  # the test has ended
        os.chdir(here)
        return False

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
        name, here = f"git {command[1]}", self.here

        class Started(subprocess.Popen[bytes]):
            def __exit__(
                self,
                kind: type[BaseException] | None,
                error: BaseException | None,
                trace: TracebackType | None,
            ) -> None:
                super().__exit__(kind, error, trace)
                here(f"after {name}")

        self.here(f"before {name}")
        return Started(command, **more)


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


def run(test: socket.socket) -> None:
    """In a child of its own, which is over with the verb."""
    with test.makefile() as lines:
        asked = json.loads(lines.readline())
    points = Points(asked["at"], test)
    try:
        work = Path(asked["folder"]) / "work"
        patch(points)
        os.chdir(work)
        VERBS[asked["verb"]](world(work))
        points.say(done=True)
    except BaseException:  # noqa: BLE001  the test wants to know
        points.say(error=traceback.format_exc())
    finally:
        os._exit(0)


def serve(door: socket.socket) -> None:
    """A child for each connection."""
    while True:
        test, _ = door.accept()
        with test:
            if os.fork() == 0:
                run(test)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
