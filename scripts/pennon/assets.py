"""pennon's own files, in a checkout or installed: template, actions, workflows, and itself."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

from pennon.errors import PennonError

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_kit"
_CHECKOUT = _PACKAGE.parents[1]
_PARTS = (
    "template",
    "actions",
    ".github/workflows",
    "scripts/locks",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
_SKIP = shutil.ignore_patterns("__pycache__", "_kit")


def kit() -> Path:
    """The folder that holds `template/`, `actions/` and `.github/workflows/`."""
    for folder in (_INSTALLED, _CHECKOUT):
        if (folder / "template" / "cookiecutter.json").is_file():
            return folder
    raise PennonError(
        "this installation of pennon lacks its template", hint="install pennon again, from a wheel"
    )


def export(to: Path) -> Path:
    """A copy of the kit at `to` that can be installed and whose actions can be run."""
    for part in _PARTS:
        source = kit() / part
        if source.is_dir():
            shutil.copytree(source, to / part, ignore=_SKIP)
        else:
            (to / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to / part)
    shutil.copytree(_PACKAGE, to / "scripts" / "pennon", ignore=_SKIP)
    return to


def modules() -> dict[str, Path]:
    """`pennon/<path>` of every module -> where it is: all that an image needs of it."""
    files = (it for it in sorted(_PACKAGE.rglob("*.py")) if _INSTALLED not in it.parents)
    return {f"pennon/{it.relative_to(_PACKAGE).as_posix()}": it for it in files}


def fingerprint() -> str:
    """Names this very pennon: a digest of its modules."""
    digest = sha256()
    for file in sorted(_PACKAGE.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
