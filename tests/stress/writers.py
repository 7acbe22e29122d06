"""Many writers on one registry at once, and the whole ledger checked afterwards.

python tests/stress/writers.py --writers 32 --operations 50   prints a table; exit code 1 for a
fault.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from pennon.errors import ConflictError
from pennon.flows.assignment.settle import PATIENCE
from pennon.registry import read_remote
from stress.arena import SEED, SOUGHT, Done, build, enter
from stress.judge import faults

WRITER = Path(__file__).with_name("writer.py")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run. `conflicts` were all decided again, until an operation was done or gave up."""

    reported: list[Done]
    events: int
    conflicts: int
    faults: list[str]
    seconds: float


def stress(folder: Path, *, writers: int, operations: int, models: int) -> Outcome:
    """Run them all to the end. A writer that fails says so on stderr, and is a fault."""
    names = tuple(f"model{number}" for number in range(models))
    build(folder, names)
    who = [f"w{number}" for number in range(writers)]
    here = enter(folder, SEED)
    clones = [enter(folder, name).root for name in who]
    began = time.monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(folder), name, str(operations), *names],
            stdout=subprocess.PIPE,
        )
        for name in who
    ]
    outputs = [process.communicate()[0] for process in running]
    seconds = time.monotonic() - began
    reported = [
        msgspec.json.decode(line, type=Done) for text in outputs for line in text.splitlines()
    ]
    found = faults(here, reported, clones)
    missing = writers * operations - len(reported)
    said = "".join((folder / f"{name}.log").read_text() for name in who)
    return Outcome(
        reported=reported,
        events=sum(len(read_remote(here.repo, name)[0].events) for name in names),
        conflicts=said.count(SOUGHT),
        faults=[*found, *([f"{missing} operations ended without a word"] if missing else [])],
        seconds=seconds,
    )


def table(outcome: Outcome) -> str:
    """Figures for people."""
    lines = [f"{'':10} {'asked':>6} {'written':>8} {'nothing to do':>14} {'longest':>8}"]
    for kind in ("register", "promote", "roll back"):
        ours = [done for done in outcome.reported if done.kind == kind]
        wrote = sum(done.wrote for done in ours)
        longest = max((done.seconds for done in ours), default=0.0)
        lines.append(f"{kind:10} {len(ours):6} {wrote:8} {len(ours) - wrote:14} {longest:7.1f}s")
    lost = sum(fault.endswith("is lost") for fault in outcome.faults)
    tired = sum(done.why.startswith(ConflictError.__name__) for done in outcome.reported)
    lines += [
        f"operations {len(outcome.reported)}, events {outcome.events}",
        f"conflicts {outcome.conflicts}, all decided again",
        f"gave up after {PATIENCE:.0f} s, as others were faster: {tired}",
        f"lost: {lost}, faults: {len(outcome.faults)}, {outcome.seconds:.0f} s",
    ]
    return "\n".join([*lines, *outcome.faults])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--operations", type=int, default=50)
    parser.add_argument("--models", type=int, default=8)
    asked = parser.parse_args()
    for role in ("AUTHOR", "COMMITTER"):
        os.environ[f"GIT_{role}_NAME"] = "Ada"
        os.environ[f"GIT_{role}_EMAIL"] = "ada@example.com"
    with TemporaryDirectory(prefix="pennon-stress-") as folder:
        outcome = stress(
            Path(folder),
            writers=asked.writers,
            operations=asked.operations,
            models=asked.models,
        )
    sys.stdout.write(table(outcome) + "\n")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
