"""From `pennon rollback` to the first answer of the old version, on the local target.

    PYTHONPATH=tests python tests/benchmarks/bench_rollback.py [--runs 7]

A shop with two versions in staging and production, on real servers of this machine; the newer one
is live. A client asks production all the time; the time is that from the start of the command to
the first answer of the old version. Then the newer one is promoted again, and so on; once with
servers that keep running, and once with servers that were stopped before each rollback. Beside it:
what the command itself takes, how many git processes it starts, and the steps of its workflow after
checkout (`install.sh light` with an empty cache, then the command).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from pennon.assets import export
from pennon.flows.assignment.assign import Ask
from pennon.flows.demo.play import free_ports
from pennon.flows.deploy import deploy
from pennon.flows.deployment import wanted
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.world import World
from pennon.targets import LocalTarget, process

OLD, NEW = "v1.0.0", "v1.1.0"
MODEL = "churn"
HERE = Path(sys.executable)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here, port = made(Path(folder))
        try:
            table("server keeps running", [once(here, port, cold=False) for _ in range(asked.runs)])
            table("server was stopped", [once(here, port, cold=True) for _ in range(asked.runs)])
            workflow(here, Path(folder))
        finally:
            stop(here)


def made(folder: Path) -> tuple[World, int]:
    """Two versions; both have been live, so the bundles are here and their environments made."""
    # Not at the top: a process that scores has the repository's own package of this name.
    from shop import improve, push, shop, write  # noqa: PLC0415

    here = shop(folder)
    ports = free_ports(2)
    text = (here.root / "pennon.yaml").read_text()
    for usual, free in zip(("1", "2"), ports, strict=True):
        text = text.replace(f"port: {usual}}}", f"port: {free}}}")
    write(here.root, "pennon.yaml", text)
    push(here, "ports")
    setattr(wanted, "interpreter", lambda *_: HERE)  # noqa: B010  of every bundle
    for change in (lambda: None, lambda: improve(here)):
        change()
        register(here, Registration())
        promote(here, Ask(model=MODEL))
        deploy(here, None, None)
    return here, ports[1]


class Watcher(threading.Thread):
    """Asks for predictions without a pause, until the old version answers."""

    def __init__(self, port: int, row: bytes) -> None:
        super().__init__(daemon=True)
        self.first: float | None = None
        self.failed = 0
        self._url, self._row = f"http://127.0.0.1:{port}/predict", row

    def run(self) -> None:
        while self.first is None:
            body = process.get(self._url, self._row)
            if body is None:
                self.failed += 1
            elif json.loads(body)["version"] == OLD:
                self.first = time.perf_counter()


def once(here: World, port: int, *, cold: bool) -> tuple[float, float, int, int]:
    """Seconds to the first answer, of the command, failed requests, git processes."""
    ensure_new(here)
    if cold:
        stop(here)
    example = next((here.root / ".pennon" / "bundles").glob("*/example.json"))
    watcher = Watcher(port, example.read_bytes())
    trace = here.root.parent / "trace"
    trace.unlink(missing_ok=True)
    watcher.start()
    begun = time.perf_counter()
    command(here, "rollback", MODEL, "--reason", f"run {begun}", GIT_TRACE=str(trace))
    ended = time.perf_counter()
    watcher.join(60)
    assert watcher.first is not None
    started = sum(
        "git.c:" in line and "built-in" in line for line in trace.read_text().splitlines()
    )
    return watcher.first - begun, ended - begun, watcher.failed, started


def ensure_new(here: World) -> None:
    from worlds import Ledger  # noqa: PLC0415  for this one

    clock = int(time.time())
    Ledger(here.root, MODEL, start=clock).assign(NEW)
    deploy(here, None, None)


def command(here: World, *arguments: str, **variables: str) -> None:
    """`pennon …` as somebody types it, with this interpreter for every bundle."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pennon.flows.deployment import wanted\n"
        f"wanted.interpreter = lambda *_: Path({str(HERE)!r})\n"
        "from pennon.cli import main\n"
        "main()\n"
    )
    places = {
        "PENNON_FORGE": f"local:{here.root.parent / 'forge'}",
        "PENNON_TARGETS": str(here.root.parent / "targets"),
    }
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=here.root,
        env=environment | places | variables,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def stop(here: World) -> None:
    target = LocalTarget(here.targets, lambda _: HERE)
    for name in ("staging", "production"):
        target.stop(name, MODEL)


def table(name: str, runs: list[tuple[float, float, int, int]]) -> None:
    answers, commands, failed, processes = zip(*runs, strict=True)
    print(
        f"{name:22} first answer {spread(answers)}   command {spread(commands)}   "
        f"failed requests {sum(failed)}   git processes {max(processes)}"
    )


def spread(seconds: tuple[float, ...]) -> str:
    return f"{statistics.median(seconds):5.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def workflow(here: World, folder: Path) -> None:
    """The steps of actions/rollback, with nothing in any cache."""
    ensure_new(here)
    kit, tools = export(folder / "kit"), folder / "tools"
    environment = os.environ | {
        "GITHUB_ENV": str(folder / "env"),
        "GITHUB_PATH": str(folder / "path"),
        "PENNON_TOOLS": str(tools),
        "UV_CACHE_DIR": str(folder / "cache"),
        "PENNON_FORGE": f"local:{here.root.parent / 'forge'}",
    }
    shutil.rmtree(tools, ignore_errors=True)
    begun = time.perf_counter()
    script = str(kit / "actions" / "setup" / "install.sh")
    subprocess.run([script, "light"], cwd=here.root, env=environment, check=True)
    installed = time.perf_counter()
    pennon = Path((folder / "path").read_text().split()[-1]) / "pennon"
    options = ["--reason", "from a workflow", "--then", "dispatch"]
    subprocess.run(
        [str(pennon), "rollback", MODEL, *options],
        cwd=here.root,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ended = time.perf_counter()
    print(
        f"{'the workflow s steps':22} install {installed - begun:5.2f} s   "
        f"command {ended - installed:5.2f} s   together {ended - begun:5.2f} s"
    )


if __name__ == "__main__":
    main()
