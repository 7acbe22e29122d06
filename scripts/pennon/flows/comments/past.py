"""The decision metric of earlier versions, as it was measured when each was registered."""

from __future__ import annotations

from pennon.registry import ModelState, registrations
from pennon.report import Past

MOST_VERSIONS = 8


def history(state: ModelState, metric: str, holdout: str) -> tuple[Past, ...]:
    """The newest few, oldest first; `holdout` is the digest of the sealed rows of today."""
    payloads = registrations(state.versions.values())
    found = [
        Past(
            version=payload.version,
            value=payload.manifest.metrics[metric].value,
            same_holdout=payload.manifest.holdout == holdout,
        )
        for payload in payloads.values()
        if payload is not None and metric in payload.manifest.metrics
    ]
    return tuple(found[-MOST_VERSIONS:])
