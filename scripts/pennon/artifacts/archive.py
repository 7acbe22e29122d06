"""A bundle as one file: the same bytes every time, with checksums that any machine can check."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pennon.artifacts.digest import digest
from pennon.errors import ArtifactError

SUMS = "SHA256SUMS"

_LEVEL = 6
_CACHE = "__pycache__"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def pack(bundle: Path, to: Path, name: str) -> str:
    """Write the bundle to the file `to`, below a folder called `name`; the digest of that file.

    Deterministic: names in order, no times, no owners. Unpacked, `sha256sum --check SHA256SUMS`
    holds every file to what it was.
    """
    files = _files(bundle)
    sums = _sums(files)
    with (
        to.open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.addfile(_entry(f"{name}/{SUMS}", len(sums)), io.BytesIO(sums))
        for path, it in files.items():
            with it.open("rb") as file:
                archive.addfile(_entry(f"{name}/{path}", it.stat().st_size), file)
    return digest(to)


def unpack(archive: Path, to: Path) -> None:
    """Write the bundle in an archive to the empty folder `to`, which holds nothing sound on errors.

    Raises ArtifactError for anything but files below one folder that are what the archive's own
    checksums say: no links, no devices, no way out, nothing besides.
    """
    try:
        with tarfile.open(archive, "r:gz") as opened:
            for member in opened:
                _write(opened, member, to, archive.name)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ArtifactError(f"{archive.name} cannot be unpacked: {error}") from None
    _compare(to, _files(to, caches=True), archive.name)


def seal(folder: Path) -> None:
    """Write the checksums of everything in a folder into it."""
    (folder / SUMS).write_bytes(_sums(_files(folder)))


def check(folder: Path) -> None:
    """Raises ArtifactError where it is not what its checksums say; bytecode does not count."""
    _compare(folder, _files(folder), folder.name)


def _files(folder: Path, *, caches: bool = False) -> dict[str, Path]:
    """Name -> file, in order, but for the checksums."""
    found = {it.relative_to(folder).as_posix(): it for it in folder.rglob("*") if it.is_file()}
    return {
        name: found[name]
        for name in sorted(found)
        if name != SUMS and (caches or _CACHE not in found[name].parts)
    }


def _sums(files: Mapping[str, Path]) -> bytes:
    return "".join(f"{digest(it)[7:]}  {name}\n" for name, it in files.items()).encode()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)  # the epoch, nobody's
    entry.size = size
    entry.mode = 0o644
    return entry


def _write(opened: tarfile.TarFile, member: tarfile.TarInfo, to: Path, archive: str) -> None:
    path = _inside(member, archive)
    source = opened.extractfile(member) if path else None
    if path is None or source is None:
        return
    (to / path).parent.mkdir(parents=True, exist_ok=True)
    with source, (to / path).open("xb") as file:
        shutil.copyfileobj(source, file)


def _inside(member: tarfile.TarInfo, archive: str) -> PurePosixPath | None:
    """Where it goes, below the archive's one folder; None for a folder. Raises ArtifactError."""
    path = PurePosixPath(member.name)
    hostile = path.is_absolute() or ".." in path.parts or "\\" in member.name or "\0" in member.name
    if hostile or not (member.isreg() or member.isdir()):
        raise ArtifactError(
            f"{archive} holds {member.name!r}, which no bundle has",
            hint="do not use it: it would write elsewhere, or is a link or a device",
        )
    below = PurePosixPath(*path.parts[1:])
    return None if member.isdir() or not below.parts else below


def _compare(folder: Path, files: Mapping[str, Path], called: str) -> None:
    """Each file is what the checksums say, and nothing else is there."""
    sums = folder / SUMS
    text = sums.read_text(encoding="utf-8", errors="replace") if sums.is_file() else ""
    lines = filter(None, map(_LINE.fullmatch, text.splitlines()))
    told = {line[2]: line[1] for line in lines}
    if not told or told.keys() != files.keys():
        odd = ", ".join(sorted(told.keys() ^ files.keys())[:3]) or SUMS
        raise ArtifactError(f"{called} is not whole: {odd} is missing, or not in its {SUMS}")
    for name, expected in told.items():
        found = digest(files[name])[7:]
        if found != expected:
            raise ArtifactError(f"{called}: {name} is {found}, not the {expected} of its {SUMS}")
