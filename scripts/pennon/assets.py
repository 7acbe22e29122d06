"""Where pennon's own files are: template, actions and workflows, in a checkout or installed."""

from __future__ import annotations

from pathlib import Path

from pennon.errors import PennonError

_INSTALLED = Path(__file__).parent / "_kit"
_CHECKOUT = Path(__file__).parents[2]


def kit() -> Path:
    """The folder that holds `template/`, `actions/` and `.github/workflows/`."""
    for folder in (_INSTALLED, _CHECKOUT):
        if (folder / "template" / "cookiecutter.json").is_file():
            return folder
    raise PennonError(
        "this installation of pennon lacks its template", hint="install pennon again, from a wheel"
    )
