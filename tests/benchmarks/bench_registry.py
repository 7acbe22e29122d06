"""How long the registry takes to read at any size, beside git itself and beside GTO.

PYTHONPATH=tests python tests/benchmarks/bench_registry.py [TAGS[xMODELS] ...] [--keep FOLDER]

Without sizes: 1,000, 10,000 and 100,000 tags over 50 models, and 100,000 over 5,000. A million
(1000000x50) takes minutes to build. Seconds are medians of five runs (of one where a run takes more
than ten seconds); MB is the peak of the process itself, without the git that it starts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from registries import build

BIN = Path(sys.executable).parent
SIZES = ["1000x50", "10000x50", "100000x50", "100000x5000"]
RUNS, LONG = 5, 10.0
MODEL = "model-0003"


def commands(folder: Path) -> dict[str, list[str]]:
    pennon, gto, git = str(BIN / "pennon"), str(BIN / "gto"), "git"
    dates = "%(refname) %(taggerdate:unix) %(subject)"
    return {
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "git: names": [git, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags"],
        "git: names, dates, subjects": [git, "for-each-ref", f"--format={dates}", "refs/tags"],
        "pennon show, first time": [pennon, "show"],
        "pennon show, again": [pennon, "show"],
        "pennon show MODEL": [pennon, "show", MODEL],
        "pennon which MODEL": [pennon, "which", MODEL],
        "pennon history MODEL": [pennon, "history", MODEL],
        "pennon audit --ledger": [pennon, "audit", "--ledger"],
        "pennon audit --format csv": [pennon, "audit", "--ledger", "--format", "csv"],
        "gto show": [gto, "show", "--repo", str(folder)],
        "gto show MODEL": [gto, "show", MODEL, "--repo", str(folder)],
    }


def run(command: list[str], folder: Path, patience: float) -> tuple[float, float] | None:
    """(seconds, MB) of one run; None where it took too long or failed."""
    start = time.perf_counter()
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    here = Path.cwd()
    os.chdir(folder)
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    os.chdir(here)
    peak = 0.0
    while True:
        peak = max(peak, _peak(pid))
        done, status, _ = os.wait4(pid, os.WNOHANG)
        if done:
            break
        if time.perf_counter() - start > patience:
            os.kill(pid, 9)
            os.wait4(pid, 0)
            return None
        time.sleep(0.002)
    seconds = time.perf_counter() - start
    return (seconds, peak) if status == 0 else None


def _peak(pid: int) -> float:
    """The largest resident set so far, in MB; 0 once the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def measure(
    name: str, command: list[str], folder: Path, patience: float
) -> tuple[float, float] | None:
    found: list[tuple[float, float]] = []
    for _ in range(RUNS):
        if name.endswith("first time"):
            shutil.rmtree(folder / "pennon", ignore_errors=True)
        one = run(command, folder, patience if name.startswith("gto") else 3600)
        if one is None:
            return None
        found.append(one)
        if one[0] > LONG:
            break
    peak = max(mb for _, mb in found)
    return statistics.median(seconds for seconds, _ in found), peak


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", default=SIZES)
    parser.add_argument("--keep", type=Path, help="build there, and use what is there")
    parser.add_argument("--patience", type=float, default=60, help="seconds to wait for GTO")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for size in options.sizes:
            tags, _, models = size.partition("x")
            folder = (options.keep or Path(temporary)) / size
            if not folder.exists():
                folder.parent.mkdir(parents=True, exist_ok=True)
                build(folder, int(tags), int(models or 50))
            report(folder, size, options.patience)


def report(folder: Path, size: str, patience: float) -> None:
    print(f"\n{size.replace('x', ' tags, ')} models")
    names = 0.0
    dates = 0.0
    for name, command in commands(folder).items():
        found = measure(name, command, folder, patience)
        if found is None:
            print(f"  {name:28} not within {patience:.0f} s, or failed")
            continue
        seconds, mb = found
        names = seconds if name == "git: names" else names
        dates = seconds if name.startswith("git: names,") else dates
        beside = f"{seconds / names:6.1f} × names {seconds / dates:6.2f} × dates" if dates else ""
        print(f"  {name:28} {seconds:8.3f} s {mb:7.1f} MB   {beside}", flush=True)


if __name__ == "__main__":
    main()
