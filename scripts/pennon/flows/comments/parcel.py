"""A zip from somebody who may mean harm: read in memory, only what was asked for, never unpacked.

No name in it is ever used as a path. What is counted is what is really read, never what the zip
says of itself.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pennon.errors import ArtifactError

MOST_BYTES = 64 << 20
MOST_MEMBERS, MOST_OF_A_MODEL = 1_000, 20
MOST_OF_ONE = 8 << 20
MOST_TOGETHER = 32 << 20

_ENTRY = b"PK\x01\x02"
"""Each member that zipfile believes in begins so in the directory: its count is a bound."""
_ENCRYPTED = 0x1
_BROKEN = (
    *(BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, OverflowError, RuntimeError, ValueError),
)
"""What zipfile raises for bytes that are no sound zip."""


def members(file: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Those of the wanted members that the zip has. Raises ArtifactError for a zip that is not one.

    Members that nobody asked for are never opened, whatever they are called.
    """
    content = file.read_bytes()
    if len(content) > MOST_BYTES:
        raise ArtifactError(f"the artifact has more than {MOST_BYTES >> 20} MB")
    most = max(MOST_MEMBERS, MOST_OF_A_MODEL * len(wanted))
    if content.count(_ENTRY) > most:
        raise ArtifactError(f"the artifact has more than {most} files")
    try:
        with ZipFile(BytesIO(content)) as archive:
            return _read(archive, frozenset(wanted))
    except _BROKEN as error:
        raise ArtifactError(f"the artifact is no zip that can be read ({_kind(error)})") from None


def _read(archive: ZipFile, wanted: frozenset[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for it in archive.infolist():
        if it.filename not in wanted:
            continue
        if it.filename in found:
            raise ArtifactError(f"the artifact has the file {it.filename} twice")
        _check(it)
        with archive.open(it) as member:
            found[it.filename] = member.read(MOST_OF_ONE + 1)
        if len(found[it.filename]) > MOST_OF_ONE:
            raise ArtifactError(f"the file {it.filename} has more than {MOST_OF_ONE >> 20} MB")
        if sum(map(len, found.values())) > MOST_TOGETHER:
            raise ArtifactError(f"the reports have more than {MOST_TOGETHER >> 20} MB")
    return found


def _check(it: ZipInfo) -> None:
    """A plain file, packed in a way that is unpacked piece by piece: bzip2 and LZMA are not."""
    if stat.S_IFMT(it.external_attr >> 16) not in {0, stat.S_IFREG}:
        raise ArtifactError(f"the file {it.filename} is a link, or no file at all")
    if it.flag_bits & _ENCRYPTED or it.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise ArtifactError(f"the file {it.filename} is packed in a way that no upload uses")


def _kind(error: Exception) -> str:
    return type(error).__name__
