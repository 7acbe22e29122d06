"""pennon: your GitHub repository is the model registry."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

__version__ = "0.1.0"

__all__ = ["__version__", "load"]


def load(wanted: str, repo: str | Path | None = None) -> Any:  # noqa: ANN401  a pennon.artifacts.bundle.Bundle
    """The model that `delay`, `delay#champion` or `delay@v1.4.0` means, verified and loaded.

    `repo` is a clone or the URL of a repository; the working directory, if none is given. The files
    are kept, so the second time nothing is downloaded. `load("delay").predict(rows)` takes a
    DataFrame of raw rows and returns an array (n,): probabilities of the class 1, or values.

    Raises RegistryError for what is not registered, ArtifactError for what is not as recorded.
    """
    # By name: every module imports this one for its version, and none may depend on all of them.
    reader = import_module("pennon.cli.world").reader
    return import_module("pennon.flows.versions.load").load(reader(repo), wanted)
