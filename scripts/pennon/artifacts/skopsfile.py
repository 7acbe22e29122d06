"""An estimator as a skops file: no pickle, and no type that the repository did not declare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

from pennon.errors import ArtifactError


def save(estimator: Any, path: Path) -> None:  # noqa: ANN401  any scikit-learn style estimator
    """Write `path` whole or not at all, deflated. Raises ArtifactError if skops cannot."""
    import skops.io  # noqa: PLC0415  scikit-learn comes with it

    half = path.with_name(f".{path.name}.half")
    try:
        skops.io.dump(estimator, half, compression=ZIP_DEFLATED)
        half.replace(path)
    except Exception as error:
        raise ArtifactError(f"{type(estimator).__name__} cannot be saved: {error}") from error
    finally:
        half.unlink(missing_ok=True)


def load(path: Path, trusted: tuple[str, ...]) -> Any:  # noqa: ANN401  as above
    """The estimator. Raises ArtifactError naming the types that nobody declared trusted."""
    import skops.io  # noqa: PLC0415  as above

    unknown = sorted(set(untrusted(path)) - set(trusted))
    if unknown:
        raise ArtifactError(
            f"{path.name} holds types that are not trusted: {', '.join(unknown)}",
            hint="if they are yours, list them under `trusted:` of the model in pennon.yaml",
        )
    try:
        return skops.io.load(path, trusted=list(trusted))
    except Exception as error:
        raise ArtifactError(
            f"{path.name} cannot be loaded in this environment: {error}",
            hint="load it with the libraries that its manifest names",
        ) from error


def untrusted(path: Path) -> list[str]:
    """The types in a file that skops does not trust by itself."""
    import skops.io  # noqa: PLC0415  as above

    try:
        found: list[str] = skops.io.get_untrusted_types(file=os.fspath(path))
    except Exception as error:
        raise ArtifactError(f"{path.name} is no skops file: {error}") from error
    return found
