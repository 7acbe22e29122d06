"""Versions change under load: what fails, and how long requests take meanwhile.

    apt-get install wrk
    PYTHONPATH=tests python tests/benchmarks/bench_swap.py FOLDER [--seconds 30] [--connections 16]

A server of a gradient boosting pipeline is asked by wrk all the time, and by one client that notes
when each of its requests began and ended. Meanwhile the version changes every second or two: to a
new one that has to be loaded, and back to the one before, which has stayed loaded.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
from bench_serving import MODEL, ROW, Contender, Served, registered, serving, wrk

from pennon.artifacts.served import Part, Serve, write
from pennon.targets import process

PAUSE = 1.0
"""Seconds between two swaps."""
NEW, BACK = "one that has to be loaded", "the one before, still loaded"


class Asked(NamedTuple):
    """A request of the client: when it began (seconds), how long it took, whether it failed."""

    at: float
    seconds: float
    failed: bool


class Swap(NamedTuple):
    """From the record that was written to the first time that the server says it is done."""

    kind: str
    begun: float
    ended: float


class Client(threading.Thread):
    """One connection that asks without a pause."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.asked: list[Asked] = []
        self.ends = threading.Event()
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def run(self) -> None:
        body = json.dumps(ROW)
        while not self.ends.is_set():
            begun = time.perf_counter()
            try:
                self._connection.request("POST", "/predict", body)
                answer = self._connection.getresponse()
                answer.read()
                failed = answer.status != 200
            except (OSError, http.client.HTTPException):
                failed = True
                self._connection.close()
            self.asked.append(Asked(begun, time.perf_counter() - begun, failed))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()
    folder = asked.folder.resolve() / "swap"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "model.py").write_text(MODEL.format(kind="GradientBoostingClassifier"))
    swaps = range(int(asked.seconds / PAUSE) + 2)
    bundles = versions(registered(folder), folder, len(swaps))
    file = folder / "serve.json"
    write(file, wanted(bundles[0], "first"))
    command = [sys.executable, "-m", "pennon.serving", str(file), "--port", "PORT"]
    with serving(Contender("pennon", command, folder)) as served:
        measure(file, bundles, served, asked)


def measure(file: Path, bundles: list[Part], served: Served, asked: argparse.Namespace) -> None:
    client = Client(served.port)
    client.start()
    swaps: list[Swap] = []
    ends = time.perf_counter() + asked.seconds - PAUSE

    def change() -> None:
        """0, 1, 0, 2, 0, 3 …: there to a new one, and back to the one that has stayed loaded."""
        new = iter(bundles[1:])
        time.sleep(3 * PAUSE)
        while time.perf_counter() < ends:
            back = len(swaps) % 2
            part, kind = (bundles[0], BACK) if back else (next(new), NEW)
            swaps.append(swap(file, part, served, f"swap-{len(swaps)}", kind))
            time.sleep(PAUSE)

    changing = threading.Thread(target=change)
    changing.start()
    load = wrk(Contender("wrk", [], file.parent), served.port, asked.connections, asked.seconds)
    changing.join()
    client.ends.set()
    client.join()
    tell(client.asked, swaps, load.failed, int(load.rate * asked.seconds))


def swap(file: Path, part: Part, served: Served, identity: str, kind: str) -> Swap:
    begun = time.perf_counter()
    write(file, wanted(part, identity))
    os.kill(served.process, signal.SIGHUP)
    assert process.until(lambda: seen(served.port) == identity, 60), "the swap was never seen"
    return Swap(kind, begun, time.perf_counter())


def tell(asked: list[Asked], swaps: list[Swap], failed: int, requests: int) -> None:
    print(f"wrk: about {requests} requests, {failed} failed")
    print(f"client: {len(asked)} requests, {sum(it.failed for it in asked)} failed")
    print(f"{'':34}{'seconds':>9}{'requests':>10}{'p50 ms':>9}{'p99 ms':>9}{'ratio':>7}")
    quiet = [it.seconds for it in asked if not any(s.begun <= it.at <= s.ended for s in swaps)]
    before = row("between swaps", None, quiet, None)
    for kind in (NEW, BACK):
        found = [it for it in swaps if it.kind == kind]
        during = [r.seconds for r in asked if any(s.begun <= r.at <= s.ended for s in found)]
        took = statistics.median(it.ended - it.begun for it in found)
        row(f"{len(found)} swaps to {kind}", took, during, before)


def row(name: str, took: float | None, seconds: list[float], before: float | None) -> float:
    p99 = statistics.quantiles(seconds, n=100)[98]
    ratio = "" if before is None else f"{p99 / before:7.2f}"
    middle = statistics.median(seconds)
    length = "" if took is None else f"{took:.2f}"
    print(f"{name:34}{length:>9}{len(seconds):10}{middle * 1e3:9.2f}{p99 * 1e3:9.2f}{ratio}")
    return p99


def seen(port: int) -> str:
    answer = process.get(f"http://127.0.0.1:{port}/version")
    return str(json.loads(answer).get("seen")) if answer else ""


def wanted(part: Part, identity: str) -> Serve:
    return Serve(model="bench", live=part, id=identity)


def versions(bundle: Path, folder: Path, count: int) -> list[Part]:
    """Copies of the bundle, each of which says that it is another version."""
    facts = msgspec.json.decode((bundle / "manifest.json").read_bytes())
    found = []
    for version in (f"v1.{number}.0" for number in range(count)):
        copy = folder / version
        shutil.copytree(bundle, copy)
        (copy / "manifest.json").write_bytes(msgspec.json.encode(facts | {"version": version}))
        found.append(Part(version=version, bundle=str(copy)))
    return found


if __name__ == "__main__":
    main()
