"""A public repository without a token: the files of its releases, by their plain addresses."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pennon.errors import ForgeError
from pennon.forge.files import CHUNK, write_whole
from pennon.forge.github.forge import GitHubForge

if TYPE_CHECKING:
    from pennon.forge.github.session import Session

TRIES = 3
_MISSING = 404
_SERVER = 500


@dataclass(frozen=True, eq=False, kw_only=True)
class PublicForge(GitHubForge):
    """Downloads; whatever else it is asked for needs the token that it has not.

    `server` is where people see the repository: `https://github.com`.
    """

    token: str = ""
    server: str = "https://github.com"

    def __post_init__(self) -> None:
        """No token is no mistake here."""

    @cached_property
    def _session(self) -> Session:
        raise ForgeError(f"no token for {self.repository}", hint="set GITHUB_TOKEN")

    def download_asset(self, tag: str, name: str, to: Path) -> None:
        path = f"{self.repository}/releases/download/{quote(tag, safe='')}/{quote(name)}"
        for left in reversed(range(TRIES)):
            try:
                self._fetch(f"{self.server}/{path}", to)
            except (urllib.error.URLError, OSError, HTTPException) as error:
                if not left or not _may_pass(error):
                    raise self._refused(f"{name} of {tag}", error) from error
                self.sleep(float(2 ** (TRIES - left)))
            else:
                return

    def _fetch(self, url: str, to: Path) -> None:
        request = urllib.request.Request(url, headers={"User-Agent": "pennon"})  # noqa: S310  https
        with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
            write_whole(to, _pieces(answer))

    def _refused(self, what: str, error: Exception) -> ForgeError:
        doing = f"cannot download {what} of {self.repository} without a token: {error}"
        if isinstance(error, urllib.error.HTTPError) and error.code == _MISSING:
            return ForgeError(
                doing, hint="is the repository private? Set GITHUB_TOKEN; else the release is gone"
            )
        return ForgeError(doing, hint="see whether GitHub is up, then run again")


def _pieces(answer: HTTPResponse) -> Iterator[bytes]:
    """Raises HTTPException where the line is cut before its end."""
    while piece := answer.read(CHUNK):
        yield piece
    if answer.length:
        raise IncompleteRead(b"", answer.length)


def _may_pass(error: Exception) -> bool:
    """Whether it is worth another try."""
    return not isinstance(error, urllib.error.HTTPError) or error.code >= _SERVER
