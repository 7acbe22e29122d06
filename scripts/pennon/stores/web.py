"""Files of a web server, for reading alone: no library is needed."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from urllib.error import HTTPError

from pennon.errors import StoreError
from pennon.stores.files import CHUNK

_GONE = (404, 410)
_PATIENCE = 60  # seconds without a byte


class Web:
    """Below an address of http or https. Whoever reads from one has a digest to hold it to."""

    def __init__(self, url: str) -> None:
        self._url = url

    def exists(self, name: str) -> bool:
        """Asked with HEAD; a server that does not know it is asked for the file itself later."""
        try:
            with urllib.request.urlopen(self._request(name, "HEAD"), timeout=_PATIENCE):  # noqa: S310  http or https
                return True
        except HTTPError as error:
            return error.code not in _GONE

    def pieces(self, name: str) -> Iterator[bytes]:
        with urllib.request.urlopen(self._request(name, "GET"), timeout=_PATIENCE) as answer:  # noqa: S310  as above
            while piece := answer.read(CHUNK):
                yield piece

    def put(self, path: Path, name: str) -> None:
        self._refuse(f"{path.name} as {name}")

    def write(self, content: bytes, name: str) -> None:
        self._refuse(f"{len(content)} bytes as {name}")

    def _refuse(self, what: str) -> NoReturn:
        raise StoreError(
            f"{self._url} is a web server, which does not take {what}",
            hint="registry.store in pennon.yaml: docs/stores.md",
        )

    def _request(self, name: str, method: str) -> urllib.request.Request:
        url = f"{self._url}/{name}"
        return urllib.request.Request(url, method=method, headers={"User-Agent": "pennon"})  # noqa: S310  as above
