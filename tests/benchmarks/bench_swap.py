"""Versions change under load: what fails, and how long requests take meanwhile.

    apt-get install wrk
    PYTHONPATH=tests python tests/benchmarks/bench_swap.py FOLDER [--seconds 30] [--connections 16]

A server of a gradient boosting pipeline is asked by wrk all the time, and by one client that notes
when each of its requests began and ended. Meanwhile the version changes every few seconds, there
and back: to one that has to be loaded, and back to the one that stays loaded.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
from bench_serving import MODEL, ROW, Contender, registered, serving, wrk

from pennon.artifacts.served import Part, Serve, write
from pennon.targets import process


class Asked(NamedTuple):
    """A request of the client: when it began (seconds), how long it took, whether it failed."""

    at: float
    seconds: float
    failed: bool


class Swap(NamedTuple):
    """From the record that was written to the first time that the server says it is done."""

    to: str
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
    bundles = versions(registered(folder), folder)
    file = folder / "serve.json"
    write(file, wanted(bundles["v1.0.0"], "first"))
    command = [sys.executable, "-m", "pennon.serving", str(file), "--port", "PORT"]
    with serving(Contender("pennon", command, folder)) as port:
        measure(file, bundles, port, asked)


def measure(file: Path, bundles: dict[str, Part], port: int, asked: argparse.Namespace) -> None:
    client = Client(port)
    client.start()
    swaps: list[Swap] = []
    ends = time.perf_counter() + asked.seconds

    def change() -> None:
        time.sleep(asked.seconds / 6)
        while time.perf_counter() < ends - asked.seconds / 6:
            to = "v1.1.0" if len(swaps) % 2 == 0 else "v1.0.0"
            swaps.append(swap(file, bundles[to], port, len(swaps)))
            time.sleep(asked.seconds / 6)

    changing = threading.Thread(target=change)
    changing.start()
    load = wrk(Contender("wrk", [], file.parent), port, asked.connections, asked.seconds)
    changing.join()
    client.ends.set()
    client.join()
    tell(client.asked, swaps, load.failed, int(load.rate * asked.seconds))


def swap(file: Path, part: Part, port: int, number: int) -> Swap:
    begun = time.perf_counter()
    write(file, wanted(part, f"swap-{number}"))
    nudge(port)
    done = process.until(lambda: seen(port) == f"swap-{number}", 60)
    assert done, "the swap was never seen"
    return Swap(part.version, begun, time.perf_counter())


def tell(asked: list[Asked], swaps: list[Swap], failed: int, requests: int) -> None:
    quiet = [it.seconds for it in asked if not any(s.begun <= it.at <= s.ended for s in swaps)]
    print(f"wrk: about {requests} requests, {failed} failed")
    print(f"client: {len(asked)} requests, {sum(it.failed for it in asked)} failed")
    print(f"{'':34}{'requests':>10}{'p50 ms':>9}{'p99 ms':>9}{'ratio':>7}")
    before = row("between swaps", quiet, None)
    for it in swaps:
        during = [r.seconds for r in asked if it.begun <= r.at <= it.ended]
        row(f"swap to {it.to} in {it.ended - it.begun:5.2f} s", during, before)


def row(name: str, seconds: list[float], before: float | None) -> float:
    if len(seconds) < 2:
        print(f"{name:34}{len(seconds):10}")
        return 0.0
    p99 = statistics.quantiles(seconds, n=100)[98]
    ratio = "" if before is None else f"{p99 / before:7.2f}"
    middle = statistics.median(seconds)
    print(f"{name:34}{len(seconds):10}{middle * 1e3:9.2f}{p99 * 1e3:9.2f}{ratio}")
    return p99


def seen(port: int) -> str:
    answer = process.get(f"http://127.0.0.1:{port}/version")
    return str(json.loads(answer).get("seen")) if answer else ""


def wanted(part: Part, identity: str) -> Serve:
    return Serve(model="bench", live=part, id=identity)


def versions(bundle: Path, folder: Path) -> dict[str, Part]:
    """The bundle, and a copy that says it is another version."""
    facts = msgspec.json.decode((bundle / "manifest.json").read_bytes())
    found = {}
    for version in ("v1.0.0", "v1.1.0"):
        copy = folder / version
        shutil.copytree(bundle, copy)
        (copy / "manifest.json").write_bytes(msgspec.json.encode(facts | {"version": version}))
        found[version] = Part(version=version, bundle=str(copy))
    return found


def nudge(port: int) -> None:
    subprocess.run(["pkill", "-HUP", "-f", f"pennon.serving .*--port {port}"], check=True)


if __name__ == "__main__":
    main()
