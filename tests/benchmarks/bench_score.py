"""`pennon score` beside the bare estimator on the same chunks: time and peak memory.

    PYTHONPATH=tests python tests/benchmarks/bench_score.py [ROWS] [CHUNK ...]

Ten million rows and the default chunk, if nothing else is said: the flights of the template again
and again, each row with a key of its own. The bare script reads the same chunks by pandas, makes
the same features and predicts; it checks nothing, keeps nothing and writes its predictions without
keys by numpy. Memory is the resident set of the command and all its children together, every 50 ms.
"""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pennon.flows.new import bake
from pennon.flows.score import CHUNK
from worlds import run_git

PENNON = [sys.executable, "-m", "pennon"]
BARE = """
import sys
sys.path.insert(0, "src")
import numpy as np, pandas as pd, skops.io
from flights.features import build as features
model = skops.io.load(sys.argv[1], trusted=skops.io.get_untrusted_types(file=sys.argv[1]))
chunks = pd.read_csv(sys.argv[2], chunksize=int(sys.argv[3]), keep_default_na=False, na_values=[""])
with open(sys.argv[4], "wb") as out:
    for chunk in chunks:
        np.save(out, model.predict_proba(features(chunk))[:, 1])
"""
RUNS = 3


def synthetic(source: Path, to: Path, rows: int) -> None:
    """Whole copies of the flights and a part of them; the first column gets a number behind it."""
    head, *lines = source.read_text().splitlines()
    cells = [line.split(",", 1) for line in lines]
    with to.open("w") as out:
        out.write(f"{head}\n")
        for copy in range(-(-rows // len(cells))):
            some = cells[: rows - copy * len(cells)]
            out.write("".join([f"{key}-{copy},{rest}\n" for key, rest in some]))


def watched(command: Sequence[str], folder: Path) -> tuple[float, float, int]:
    """Seconds, seconds of processors, and the most bytes that it and its children held."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start, most = time.perf_counter(), 0
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(resident, family(process.pid))))
            time.sleep(0.05)
    assert process.returncode == 0, command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, spent, most


def family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(it for child in children for it in family(int(child)))]


def resident(pid: int) -> int:
    try:
        found = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def apart(bare: Path, ours: Path, rows: int) -> float:
    """The largest difference of the predictions for the same rows."""
    largest, done = 0.0, 0
    with bare.open("rb") as left, ours.open() as right:
        next(right)
        while done < rows:
            expected = np.load(left)
            found = [float(next(right).split(",")[1]) for _ in expected]
            largest = max(largest, float(abs(expected - found).max()))
            done += len(expected)
        assert next(right, None) is None, "there are more rows"
    return largest


def main() -> None:
    rows, *chunks = map(int, sys.argv[1:] or ["10000000"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = bake(folder / "flights", {})
        run_git(work, "init", "--quiet", "--bare", "../origin.git")
        run_git(work, "remote", "add", "origin", "../origin.git")
        run_git(work, "push", "--quiet", "origin", "main")
        os.environ["PENNON_FORGE"] = f"local:{folder}/forge"
        for verb in ("register", "promote"):
            subprocess.run([*PENNON, verb, "delay"], cwd=work, check=True, capture_output=True)
        synthetic(work / "data" / "flights.csv", folder / "rows.csv", rows)
        subprocess.run(score(folder, "data/flights.csv", 5000), cwd=work, check=True)
        for chunk in chunks or [CHUNK]:
            compare(folder, work, rows, chunk)


def compare(folder: Path, work: Path, rows: int, chunk: int) -> None:
    (model,) = work.glob(".pennon/bundles/*/model.skops")
    rest = [str(folder / "rows.csv"), str(chunk), str(folder / "bare.npy")]
    commands = {
        "bare estimator": [sys.executable, "-c", BARE, str(model), *rest],
        "pennon score": score(folder, rest[0], chunk),
        "pennon score --workers 1": [*score(folder, rest[0], chunk), "--workers", "1"],
    }
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in commands}
    for _ in range(RUNS):  # in turn: a noisy machine is noisy for all
        for title, command in commands.items():
            found[title].append(watched(command, work))
    size = (folder / "rows.csv").stat().st_size / 1e6
    largest = apart(folder / "bare.npy", folder / "scored.csv", rows)
    print(f"\n{rows:,} rows ({size:,.0f} MB) by {chunk:,}, {RUNS} runs each")
    print(f"the largest difference of two predictions is {largest:.1g}")
    print(f"{'':25} {'seconds':>8} {'ratio':>6} {'processor':>10} {'ratio':>6} {'peak MB':>8}")
    bare = found["bare estimator"]
    for title, runs in found.items():
        ratios = [
            statistics.median(run[i] / other[i] for run, other in zip(runs, bare, strict=True))
            for i in (0, 1)
        ]
        seconds, spent = (statistics.median(run[i] for run in runs) for i in (0, 1))
        peak = max(run[2] for run in runs) / 1e6
        print(
            f"{title:25} {seconds:8.1f} {ratios[0]:6.2f} {spent:10.1f} {ratios[1]:6.2f} {peak:8.0f}"
        )


def score(folder: Path, rows: str, chunk: int) -> list[str]:
    places = ["--input", rows, "--output", str(folder / "scored.csv"), "--overwrite"]
    return [*PENNON, "score", "delay", *places, "--chunk", str(chunk)]


if __name__ == "__main__":
    main()
