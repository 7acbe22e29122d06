"""References to container images: which are pinned. Pure."""

from __future__ import annotations

import re

_NAME = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?/)?"
PATTERN = rf"^(?:{_HOST}{_NAME}(?:/{_NAME})*(?::[\w][\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?)?$"
"""A reference as container registries take it (the grammar of distribution/reference), or nothing.
"""
_PINNED = re.compile(r"@sha256:[0-9a-f]{64}$")


def is_reference(image: str) -> bool:
    return bool(image) and re.fullmatch(PATTERN, image) is not None


def is_pinned(image: str) -> bool:
    """Whether the reference names one image for ever: a tag alone may move."""
    return is_reference(image) and _PINNED.search(image) is not None


def digest_of(image: str) -> str:
    """`sha256:<hex>`; empty for a reference that has none."""
    return image.rpartition("@")[2] if is_pinned(image) else ""
