"""Releases of the local forge: a folder each, `release.json` and the assets beside it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import msgspec

from pennon.errors import ForgeError
from pennon.forge.files import chunks_of, claim, read_record, write_record, write_whole
from pennon.forge.limits import LIMITS, Limits
from pennon.forge.protocol import Asset, Release, published

_RECORD = "release.json"


class _Filed(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    tag: str
    title: str
    body: str
    draft: bool
    commit: str
    at: str


class Releases:
    """`where` is for people; `now` tells the time as RFC 3339."""

    def __init__(
        self, root: Path, where: str, now: Callable[[], str], limits: Limits = LIMITS
    ) -> None:
        self._root = root
        self._where = where
        self._now = now
        self._limits = limits

    def find(self, tag: str) -> Release | None:
        folder = self._folder(tag)
        filed = read_record(folder / _RECORD, _Filed)
        return None if filed is None else _release(folder, filed)

    def create(self, tag: str, title: str, body: str, commit: str) -> Release:
        if there := self.find(tag):
            return there
        filed = _Filed(
            id=claim(self._root),
            tag=tag,
            title=title,
            body=body,
            draft=True,
            commit=commit,
            at=self._now(),
        )
        folder = Path(mkdtemp(dir=self._root, prefix=".new-"))
        folder.chmod(0o755)
        (folder / "assets").mkdir()
        write_record(folder / _RECORD, filed)
        try:
            # A directory cannot replace one that holds files: of two writers one wins.
            folder.rename(self._folder(tag))
        except OSError:
            shutil.rmtree(folder)
        return self.find(tag) or _release(folder, filed)

    def update(self, release: int, *, title: str, body: str) -> Release:
        folder, filed = self._read(release)
        return _write(folder, msgspec.structs.replace(filed, title=title, body=body))

    def publish(self, release: int, tag: str) -> Release:
        folder, filed = self._read(release)
        final = self._folder(tag)
        # Interrupted between these two, its old name finds it, and publishing it again ends it.
        if filed.draft:
            _write(folder, msgspec.structs.replace(filed, tag=tag, draft=False))
        if folder != final:
            with suppress(FileNotFoundError):  # whoever publishes it at the same time was faster
                folder.rename(final)
        return _release(*self._read_at(final))

    def published(self) -> Iterator[Release]:
        found = sorted(self._all(), key=lambda it: -it[1].id)
        return (_release(folder, filed) for folder, filed in found if not filed.draft)

    def drafts(self, prefix: str) -> list[Release]:
        found = [_release(folder, filed) for folder, filed in self._all()]
        ours = [it for it in found if it.draft and it.tag.startswith(prefix)]
        return sorted(ours, key=lambda it: it.id)

    def delete_draft(self, release: int) -> None:
        found = next(((folder, it) for folder, it in self._all() if it.id == release), None)
        if found is None:
            return
        folder, filed = found
        if not filed.draft:
            raise published(filed.tag)
        gone = folder.rename(folder.with_name(f".gone-{release}"))
        shutil.rmtree(gone)

    def upload(self, release: int, path: Path) -> Asset:
        folder, filed = self._read(release)
        if not filed.draft:
            raise published(filed.tag)
        there = {it.name: it.stat().st_size for it in (folder / "assets").glob("[!.]*")}
        self._limits.check(there | {path.name: path.stat().st_size})
        to = folder / "assets" / path.name
        write_whole(to, chunks_of(path))
        return _asset(to)

    def download(self, tag: str, name: str, to: Path) -> None:
        release = self.find(tag)
        if release is None or release.asset(name) is None:
            held = ", ".join(asset.name for asset in release.assets) if release else ""
            raise ForgeError(
                f"the release {tag} in {self._where} has no file {name}",
                hint=f"it has: {held}" if held else "register the version again",
            )
        write_whole(to, chunks_of(self._folder(tag) / "assets" / name))

    def _folder(self, tag: str) -> Path:
        return self._root / quote(tag, safe="@=+")

    def _all(self) -> Iterator[tuple[Path, _Filed]]:
        for path in sorted(self._root.glob(f"[!.]*/{_RECORD}")):
            if filed := read_record(path, _Filed):
                yield path.parent, filed

    def _read(self, release: int) -> tuple[Path, _Filed]:
        for folder, filed in self._all():
            if filed.id == release:
                return folder, filed
        raise ForgeError(
            f"there is no release with the id {release} in {self._where}",
            hint="somebody removed it; run the same command again",
        )

    def _read_at(self, folder: Path) -> tuple[Path, _Filed]:
        return folder, msgspec.json.decode((folder / _RECORD).read_bytes(), type=_Filed)


def _write(folder: Path, filed: _Filed) -> Release:
    write_record(folder / _RECORD, filed)
    return _release(folder, filed)


def _release(folder: Path, filed: _Filed) -> Release:
    files = (folder / "assets").glob("[!.]*")
    return Release(
        id=filed.id,
        tag=filed.tag,
        title=filed.title,
        body=filed.body,
        draft=filed.draft,
        at=filed.at,
        assets=tuple(_asset(file) for file in sorted(files)),
    )


def _asset(file: Path) -> Asset:
    """An inode is what an asset's id is: unique among those that exist, new for a new file."""
    digest = hashlib.sha256()
    for chunk in chunks_of(file):
        digest.update(chunk)
    facts = file.stat()
    return Asset(
        id=facts.st_ino,
        name=file.name,
        size=facts.st_size,
        digest=f"sha256:{digest.hexdigest()}",
    )
