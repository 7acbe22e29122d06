"""What a version is made of, as a CycloneDX 1.6 bill of materials: model, data, libraries. Pure.

https://cyclonedx.org/docs/1.6/json/; package addresses as https://github.com/package-url/purl-spec
writes them for PyPI.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from pennon.artifacts.lock import Pin, pins

_PREFIX = "sha256:"


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """The model that a training began with."""

    uri: str
    digest: str
    licence: str = ""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The version: digests are `sha256:…`; `data` is dataset -> content digest."""

    model: str
    version: str
    artifact: str
    commit: str
    at: str  # RFC 3339
    data: Mapping[str, str]
    environment: str
    pennon: str
    base: Base | None = None


def sbom(made: Made, lock: str) -> str:
    """JSON. The same version gives the same bytes."""
    reference = f"{made.model}@{made.version}"
    libraries = {_purl(pin): pin for pin in pins(lock)}
    data = {f"data:{name}": (name, digest) for name, digest in made.data.items()}
    base = {f"base:{made.base.digest}": made.base} if made.base else {}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{reference} {made.artifact}')}",
        "version": 1,
        "metadata": {
            "timestamp": made.at,
            "tools": {
                "components": [{"type": "application", "name": "pennon", "version": made.pennon}]
            },
            "component": {
                "type": "machine-learning-model",
                "bom-ref": reference,
                "name": made.model,
                "version": made.version,
                "hashes": _hashes(made.artifact),
                "properties": _properties(
                    {"pennon:commit": made.commit, "pennon:requirements.lock": made.environment}
                ),
            },
        },
        "components": [
            *(_base(ref, it) for ref, it in base.items()),
            *(
                {"type": "data", "bom-ref": ref, "name": name, "hashes": _hashes(digest)}
                for ref, (name, digest) in data.items()
            ),
            *(_library(purl, pin) for purl, pin in libraries.items()),
        ],
        "dependencies": [{"ref": reference, "dependsOn": [*base, *data, *libraries]}],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def checksums(digests: Mapping[str, str]) -> str:
    """As `sha256sum --check` reads them: file name -> its digest."""
    return "".join(f"{digest.removeprefix(_PREFIX)}  {name}\n" for name, digest in digests.items())


def _base(ref: str, it: Base) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": ref,
        "name": it.uri.rpartition("/")[2],
        "hashes": _hashes(it.digest),
        "externalReferences": [{"type": "distribution", "url": it.uri}],
    }
    # A name, not an identifier: nobody has to write it as SPDX does.
    return found | ({"licenses": [{"license": {"name": it.licence}}]} if it.licence else {})


def _library(purl: str, pin: Pin) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": pin.version,
        "purl": purl,
    }
    return found | ({"properties": _properties({"pennon:where": pin.marker})} if pin.marker else {})


def _purl(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version.replace('+', '%2B')}"


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest.removeprefix(_PREFIX)}] if digest else []


def _properties(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs.items() if value]
