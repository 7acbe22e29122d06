"""Where a file lies in a store, and what a protocol needs to be spoken. Pure."""

from __future__ import annotations

import re

from pennon.errors import ArtifactError

RELEASE = "release"
"""The store that is none: the files of a version are those of its release."""

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")

WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"})
"""Protocols in which an object appears when all of it is there; elsewhere a rename sees to that."""

PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
}

_S3 = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role; AWS_ENDPOINT_URL for another server"
_GS = "GOOGLE_APPLICATION_CREDENTIALS, or the machine's own account"
_AZ = "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY, or a service principal"
CREDENTIALS = {"s3": _S3, "s3a": _S3, "gs": _GS, "gcs": _GS, "az": _AZ, "abfs": _AZ, "abfss": _AZ}
"""What the environment has to tell. It is never part of an address."""


def place(digest: str) -> str:
    """`sha256/ab/abcdef…`, below the store's address. Raises ArtifactError for no digest."""
    found = _DIGEST.fullmatch(digest)
    if found is None:
        raise ArtifactError(f"{digest!r} is no digest: sha256 and 64 hexadecimal figures")
    return f"sha256/{found[1][:2]}/{found[1]}"


def protocol(url: str) -> str:
    return url.partition("://")[0]
