"""Where rows come from: files beside the repository's code, as bytes to digest and as a frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pennon.config import Contract, Dataset, Kind
from pennon.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 1 << 20
_WHOLE = {Kind.INTEGER: "int64", Kind.NUMBER: "float64", Kind.STRING: "str", Kind.BOOLEAN: "bool"}
_GAPPY = _WHOLE | {Kind.INTEGER: "Int64", Kind.BOOLEAN: "boolean"}


def files(root: Path, dataset: Dataset) -> list[Path]:
    """The files of a source, sorted. A `.dvc` pointer means the file that it points to."""
    path = root / dataset.source
    if not path.exists():
        hint = f"fetch it, or correct `source` (looked for {path})"
        raise DataError(f"the source {dataset.source} is not there", hint=hint)
    if path.suffix == ".dvc":
        return [_pointed(path)]
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file())
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


def read(root: Path, dataset: Dataset) -> pd.DataFrame:
    """All rows, with the types that the contract names where the values allow it."""
    import pandas as pd  # noqa: PLC0415  half a second, for those who need rows

    frames = [_frame(file) for file in files(root, dataset)]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    if frame.empty:
        raise DataError(f"{dataset.source} has no rows")
    return typed(frame, dataset.contract)


def typed(frame: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """The same rows with the contract's types; a column that cannot be one stays as it is.

    The contract check then names the column and its first bad value, which a failing cast cannot.
    """
    import pandas as pd  # noqa: PLC0415  as above

    columns = {}
    for name in frame.columns:
        column = contract.columns.get(str(name))
        values = frame[name]
        try:
            if column is None:
                pass
            elif column.type is Kind.DATETIME:
                values = pd.to_datetime(values, utc=True, format="ISO8601")
            else:
                kinds: dict[Kind, Any] = _GAPPY if values.isna().any() else _WHOLE
                values = values.astype(kinds[column.type])
        except (ValueError, TypeError):
            pass
        columns[name] = values
    return pd.DataFrame(columns)


def _frame(file: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  as above

    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file)
        # "NA" may be a country or a carrier: only an empty cell is empty.
        return pd.read_csv(file, keep_default_na=False, na_values=[""], low_memory=False)
    except ImportError as error:
        raise DataError(f"{file.name} needs pyarrow", hint="add it to requirements.in") from error
    except pd.errors.EmptyDataError:
        raise DataError(f"{file.name} is empty") from None
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{file.name} cannot be read: {error}") from None


def _pointed(pointer: Path) -> Path:
    """The file of a `.dvc` pointer, if it is the one that the pointer means."""
    facts = yaml.safe_load(pointer.read_text(encoding="utf-8"))["outs"][0]
    file = pointer.parent / str(facts["path"])
    if not file.is_file():
        raise DataError(
            f"{pointer.name} points to {file.name}, which is not there", hint="dvc pull"
        )
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in _chunks(file):
        digest.update(chunk)
    if digest.hexdigest() != facts["md5"]:
        raise DataError(
            f"{file.name} is not what {pointer.name} says: md5 {digest.hexdigest()}, "
            f"expected {facts['md5']}",
            hint="dvc pull, or dvc add if the new file is meant",
        )
    return file


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk
