"""Bytes into and out of GitHub: streamed, and on disk whole or not at all.

PyGithub holds a download in memory and reads it byte by byte, refuses an Enterprise Server's
redirect to its storage, and waits without end for the host that takes uploads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from github import GithubException
from requests.adapters import HTTPAdapter

from pennon.forge.files import CHUNK, first, write_whole
from pennon.forge.github.patience import TRIES, patience

BROKEN = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)
BYTES = "application/octet-stream"
JSON = "application/vnd.github+json"


@dataclass(frozen=True)
class Transfer:
    """Its methods raise GithubException or RequestException."""

    token: str = field(repr=False)
    timeout: int
    sleep: Callable[[float], None]

    def upload(self, url: str, path: Path) -> dict[str, Any]:
        """GitHub's description of the new asset. Once: who calls looks before a second try."""
        with self._http() as http, path.open("rb") as file:
            answer = http.post(
                url,
                params={"name": path.name},
                data=file,
                headers={"Content-Type": BYTES},
                timeout=self.timeout,
            )
            _check(answer)
            return dict(answer.json())

    def download(self, url: str, to: Path) -> None:
        self._download(url, to, BYTES, None)

    def archive(self, url: str, to: Path, most: int) -> None:
        """The first `most` bytes of an artifact's zip, asked for as GitHub's documentation does."""
        self._download(url, to, JSON, most)

    def _download(self, url: str, to: Path, accept: str, most: int | None) -> None:
        with self._http() as http:
            tries = 0
            while not self._whole(http, url, to, accept=accept, most=most, last=tries == TRIES - 1):
                self.sleep(float(2**tries))
                tries += 1

    def _whole(
        self,
        http: requests.Session,
        url: str,
        to: Path,
        *,
        accept: str,
        most: int | None,
        last: bool,
    ) -> bool:
        """False where the line broke in the middle of the body: there no adapter repeats."""
        headers = {"Accept": accept}
        with http.get(url, headers=headers, stream=True, timeout=self.timeout) as answer:
            _check(answer)
            try:
                chunks = answer.iter_content(CHUNK)
                write_whole(to, chunks if most is None else first(chunks, most))
            except BROKEN:
                if last:
                    raise
                return False
        return True

    def _http(self) -> requests.Session:
        http = requests.Session()
        for scheme in ("https://", "http://"):
            http.mount(scheme, HTTPAdapter(max_retries=patience(self.sleep)))
        http.auth = self._sign
        http.headers["User-Agent"] = "pennon"
        return http

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Goes before ~/.netrc; requests takes it off when it is sent on to a storage elsewhere."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _check(answer: requests.Response) -> None:
    if answer.ok:
        return
    try:
        said = answer.json()
    except ValueError:
        said = None
    raise GithubException(answer.status_code, said, dict(answer.headers))
