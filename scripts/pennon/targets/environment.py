"""The Python environment that a version was trained in, made again from its lock file."""

from __future__ import annotations

import hashlib
import shutil
import subprocess  # noqa: TID251  uv makes environments
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from pennon.assets import export, fingerprint
from pennon.errors import TargetError

LOCKFILE = "requirements.lock"


def interpreter(bundle: Path, environments: Path) -> Path:
    """The Python of the bundle's environment below `environments`, made if it is not there.

    This very pennon is installed into it without its dependencies: the lock has them.
    Environments are named by what goes in; two makers of one do not disturb each other.
    """
    lock = bundle / LOCKFILE
    if not lock.is_file():
        raise TargetError(
            f"{bundle.name} has no {LOCKFILE}", hint="register a version from a commit that has one"
        )
    name = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = environments / f"{name}-{fingerprint()}"
    if not folder.exists():
        environments.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=".new-", dir=environments))
        try:
            _make(draft, lock)
            draft.rename(folder)
        except OSError:
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder / "bin" / "python"


def _make(folder: Path, lock: Path) -> None:
    python = str(folder / "bin" / "python")
    _uv("venv", "--quiet", "--relocatable", "--allow-existing", str(folder))
    _uv("pip", "sync", "--quiet", "--python", python, str(lock))
    with TemporaryDirectory() as place:
        wheels, itself = Path(place) / "wheels", export(Path(place) / "kit")
        tools = str(itself / "scripts" / "locks" / "build.txt")
        locked = ("--require-hashes", "--build-constraints", tools)
        _uv("build", "--quiet", "--wheel", "--out-dir", str(wheels), *locked, str(itself))
        wheel = str(next(wheels.glob("*.whl")))
        _uv("pip", "install", "--quiet", "--no-deps", "--python", python, wheel)


def _uv(*arguments: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603  uv, with our arguments
            ["uv", *arguments],  # noqa: S607  from the path
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise TargetError(
            "uv is not on the path, and the local target makes its environments with it",
            hint="pip install uv",
        ) from None
    if done.returncode:
        raise TargetError(f"uv {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
