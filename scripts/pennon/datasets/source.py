"""Where rows come from: files beside the repository's code, named by themselves or by DVC."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from pennon.config import Dataset
from pennon.errors import DataError

_CHUNK = 1 << 20
_FOLDER = ".dir"


def files(root: Path, dataset: Dataset) -> list[Path]:
    """The files of a source, sorted. A `.dvc` pointer means what it points to, verified."""
    path = root / dataset.source
    if not path.exists():
        hint = f"fetch it, or correct `source` (looked for {path})"
        raise DataError(f"the source {dataset.source} is not there", hint=hint)
    if path.suffix == ".dvc":
        return _pointed(path)
    if path.is_file():
        return [path]
    found = _inside(path)
    if not found:
        raise DataError(f"the source {dataset.source} is an empty folder")
    return found


def content_digest(root: Path, dataset: Dataset) -> str:
    """`sha256:<hex>` of the bytes; of several files, of their names and bytes in order."""
    found = files(root, dataset)
    digest = hashlib.sha256()
    for file in found:
        if len(found) > 1:
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
        for chunk in _chunks(file):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


class _Out(msgspec.Struct, frozen=True):
    path: str
    md5: str


class _Pointer(msgspec.Struct, frozen=True):
    outs: tuple[_Out]


def _pointed(pointer: Path) -> list[Path]:
    """The files of a `.dvc` pointer, if they are the ones that the pointer means."""
    out = _out(pointer)
    target = pointer.parent / out.path
    if not target.exists():
        raise DataError(f"{pointer.name} points to {out.path}, which is not there", hint="dvc pull")
    found = _inside(target) if target.is_dir() else [target]
    digest = _listing(target, found) if target.is_dir() else _md5(target)
    if digest != out.md5:
        raise DataError(
            f"{out.path} is not what {pointer.name} says: md5 {digest}, expected {out.md5}",
            hint="dvc pull, or dvc add if the new data is meant",
        )
    return found


def _out(pointer: Path) -> _Out:
    try:
        content = yaml.safe_load(pointer.read_text(encoding="utf-8"))
        return msgspec.convert(content, _Pointer).outs[0]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise DataError(
            f"{pointer.name} is no pointer to one file or folder: {' '.join(str(error).split())}",
            hint="make it again: dvc add",
        ) from None


def _listing(folder: Path, found: list[Path]) -> str:
    """What DVC calls a folder by: the MD5 of a JSON list of its files with theirs."""
    import json  # noqa: PLC0415  msgspec writes no blanks, and DVC's digest has them in it

    names = {file.relative_to(folder).as_posix(): file for file in found}
    entries = [{"md5": _md5(names[name]), "relpath": name} for name in sorted(names)]
    text = json.dumps(entries, sort_keys=True).encode()
    return f"{hashlib.md5(text, usedforsecurity=False).hexdigest()}{_FOLDER}"


def _inside(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _md5(file: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
