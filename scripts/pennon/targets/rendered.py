"""What the targets that render share: settings, YAML that is the same every time, who answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import yaml

from pennon.config import Record
from pennon.config.parse import faults
from pennon.targets.image import PATTERN
from pennon.targets.protocol import Order, Place, Running, Wrong

PORT = 8080
"""On which a server listens inside of its container."""
USER = 10001
"""Who it is there: nobody's number elsewhere, and not root's."""
LOGS = "/log"
"""Where it writes its prediction log."""

Image = Annotated[str, msgspec.Meta(pattern=PATTERN, description="REPOSITORY@sha256:DIGEST")]
Branch = Annotated[str, msgspec.Meta(pattern=r"^[\w][\w./-]*$")]
Folder = Annotated[str, msgspec.Meta(pattern=r"^[\w][\w.-]*(?:/[\w][\w.-]*)*$")]
Percent = Annotated[int, msgspec.Meta(ge=1, le=99)]
Whole = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Rendered(Record, frozen=True, kw_only=True):
    """Settings of every target that renders. Its own come after these."""

    image: Image = ""
    branch: Branch = "deploy"
    folder: Folder = "deploy"
    patience: Seconds = 600.0
    restore: bool = True
    variables: dict[str, str] = {}  # noqa: RUF012  msgspec copies it


def wrong(settings: Mapping[str, Any], kind: type[Record]) -> list[Wrong]:
    """Where `settings` are not a `kind`."""
    return [Wrong(path, what) for path, what in faults(dict(settings), kind)]


def answering(_: Order, place: Place) -> Running | None:
    """What the place's address says that it serves; None where it says nothing of the kind."""
    if not place.url:
        return None
    request = urllib.request.Request(f"{place.url}/version")  # noqa: S310  http or https: checked
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            told = json.loads(answer.read(1 << 16))
    except (urllib.error.URLError, OSError, ValueError):
        return None
    version = told.get("version") if isinstance(told, dict) else None
    return Running(version=str(version), url=place.url, changed=False) if version else None


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # chosen at run time
    """The safe dumper; every value is written where it stands, without anchors."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def text(document: Mapping[str, Any]) -> str:
    """One YAML document, its keys in their order."""
    dumped: str = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return dumped
