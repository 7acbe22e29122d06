"""Whole commands timed in turn (A B A B …), so that a noisy machine is noisy for all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def race(
    commands: Mapping[str, Sequence[str]], *, runs: int = 9, folder: Path | None = None
) -> dict[str, list[float]]:
    """Name -> wall seconds of each run. One run of each warms the caches and is not counted.

    Python keeps its byte code as it does for a user, whatever the developer's shell says.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for i in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
            if i:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def print_table(seconds: Mapping[str, list[float]], *, beside: str) -> None:
    """Median, spread, and the median ratio of each run to the run of `beside` next to it."""
    width = max(map(len, seconds))
    print(f"{'':{width}}  median    min    max   ratio to {beside}")
    for name, values in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(values, seconds[beside], strict=True))
        middle = statistics.median(values)
        line = f"{middle:6.3f}s {min(values):6.3f} {max(values):6.3f}   {ratio:5.2f}"
        print(f"{name:{width}}  {line}")
