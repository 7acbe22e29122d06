"""One store: each file written whole and once, under its digest, and verified on every read."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

from pennon.errors import ArtifactError, MissingExtraError, PennonError, StoreError
from pennon.stores.address import CREDENTIALS, PACKAGES, place, protocol
from pennon.stores.files import Files, Folder

NOTE = "pennon.txt"
LOCAL = "file"
WEB = frozenset({"https", "http"})

T = TypeVar("T")


class Store:
    """Every method raises StoreError where `url` refuses, or does not answer."""

    def __init__(self, url: str, files: Files) -> None:
        self.url = url
        self._files = files

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    def reach(self) -> None:
        """Read a note that it has, or write it: what is wrong shows before hours of work."""
        if self.read(NOTE) is None:
            self.point(NOTE, b"Artifacts of models, each under its digest; written by pennon.\n")

    def put(self, path: Path, digest: str) -> bool:
        """Keep a file under its digest and read it back. False where it was there already.

        What lies under the digest and is something else (half of a file) is replaced.
        """
        name = place(digest)
        if self._digest(name) == digest:
            return False
        self._do(f"write {path.name}", lambda: self._files.put(path, name))
        found = self._digest(name)
        if found != digest:
            raise ArtifactError(
                f"{path.name} came back from {self.url} as {found or 'nothing'}, not as {digest}",
                hint="run the same command again; if it stays, the store is broken",
            )
        return True

    def get(self, digest: str, to: Path) -> None:
        """Write the file of this digest to `to`, whole or not at all.

        Raises ArtifactError where it is gone, or another one; StoreError where nothing is there.
        """
        name = place(digest)
        found = self._fetched(name, digest, to)
        if not found and self.read(NOTE) is None:
            raise StoreError(
                f"{self.url} is no store of models: it has no {NOTE}",
                hint="is it mounted here, and is it the place that versions were registered to?",
            )
        if not found:
            raise ArtifactError(
                f"{self.url} has no {name}",
                hint="somebody removed it: restore it there, or register a new version",
            )
        if found != digest:
            raise ArtifactError(
                f"{self.url}/{name} is {found}: it is not what its name says",
                hint="somebody replaced it; do not use it, and ask who writes to that store",
            )

    def fetch(self, name: str, digest: str, to: Path) -> None:
        """The same of a file that lies there under a name of its own."""
        found = self._fetched(name, digest, to)
        if not found:
            raise ArtifactError(f"there is no {self.url}/{name}", hint="was it moved?")
        if found != digest:
            raise ArtifactError(
                f"{self.url}/{name} is {found}, not {digest}",
                hint="it is not the file that was meant: look at it before you take its digest",
            )

    def has(self, digest: str) -> bool:
        """Whether something lies there; it is not read."""
        name = place(digest)
        return self._do(f"look for {name[:22]}…", lambda: self._files.exists(name))

    def holds(self, digest: str) -> bool:
        """Whether the file is there, and what its name says."""
        return self._digest(place(digest)) == digest

    def point(self, name: str, content: bytes) -> None:
        """Write a small file by name, whole; unlike a file under its digest it may change."""
        self._do(f"write {name}", lambda: self._files.write(content, name))

    def read(self, name: str) -> bytes | None:
        """The content of a small file; None where there is none."""

        def read() -> bytes | None:
            return b"".join(self._files.pieces(name)) if self._files.exists(name) else None

        return self._do(f"read {name}", read)

    def _fetched(self, name: str, digest: str, to: Path) -> str:
        """The digest of what lies there, which is at `to` where it is the wanted one."""
        half = to.with_name(f".{secrets.token_hex(8)}.part")
        try:
            found = self._digest(name, half)
            if found == digest:
                half.replace(to)
        finally:
            half.unlink(missing_ok=True)
        return found

    def _digest(self, name: str, to: Path | None = None) -> str:
        """Of what lies there now, which goes to `to`, too; empty where nothing does."""

        def read() -> str:
            if not self._files.exists(name):
                return ""
            found = hashlib.sha256()
            with to.open("wb") if to else nullcontext() as file:
                for piece in self._files.pieces(name):
                    found.update(piece)
                    if file:
                        file.write(piece)
            return f"sha256:{found.hexdigest()}"

        return self._do(f"read {name[:22]}…", read)

    def _do(self, doing: str, act: Callable[[], T]) -> T:
        try:
            return act()
        except PennonError:
            raise
        except Exception as error:  # each protocol's library has errors of its own, of no one kind
            said = str(error).strip() or type(error).__name__
            needs = CREDENTIALS.get(protocol(self.url))
            raise StoreError(
                f"cannot {doing} in {self.url}: {said}",
                hint=f"is it reachable, and is this environment allowed to? It reads {needs}"
                if needs
                else "is it there, and may this user write and read it?",
            ) from error


def open_store(url: str) -> Store:
    """The store at an address such as `s3://bucket/models`, or a folder; it is not asked anything.

    Raises MissingExtraError where a package for its protocol is missing, StoreError for an unknown
    protocol or credentials that make no sense.
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return Store(url, Folder(Path(url)))
    if scheme == LOCAL:
        return Store(url, Folder(Path(unquote(rest))))
    if scheme in WEB:
        from pennon.stores.web import Web  # noqa: PLC0415  few read from one

        return Store(url, Web(url))
    try:
        from pennon.stores.remote import Remote  # noqa: PLC0415  only who has such a store needs it

        return Store(url, Remote(url))
    except ImportError as error:
        raise _missing(url, error) from None
    except Exception as error:
        raise StoreError(
            f"{url} is no store: {error}", hint="registry.store in pennon.yaml: docs/stores.md"
        ) from error


def _missing(url: str, error: ImportError) -> MissingExtraError:
    if (error.name or "").partition(".")[0] == "fsspec":
        hint = "pip install 'pennon[stores]'; in a model repository add fsspec to requirements.in"
        return MissingExtraError(f"the store {url} needs fsspec, which is not here", hint=hint)
    name = PACKAGES.get(protocol(url))
    return MissingExtraError(
        f"the store {url} needs {name or 'another package'}, which is not here: {error}",
        hint=f"pip install {name}; in a model repository add it to requirements.in, too"
        if name
        else "install what it names",
    )
