"""The digest of a file: what an artifact is called wherever it lies."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pennon.errors import ArtifactError


def digest(path: Path) -> str:
    """`sha256:<hex>` of the file's bytes, read in pieces."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def verify(path: Path, expected: str) -> None:
    """Raises ArtifactError where the file is not the one that was recorded."""
    if not path.is_file():
        raise ArtifactError(f"{path.name} is not there")
    found = digest(path)
    if found != expected:
        raise ArtifactError(
            f"{path.name} is not the file that was recorded: expected {expected}, found {found}",
            hint="somebody replaced it; do not use it, and ask who writes to that release",
        )
