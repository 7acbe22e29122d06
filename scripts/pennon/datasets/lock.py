"""The lock of a dataset: what was seen, written below what people wrote. Pure text and digests."""

from __future__ import annotations

import re
from hashlib import sha256

import msgspec

from pennon.config import Contract, Dataset, Lock
from pennon.datasets.finding import Finding
from pennon.errors import DataError

_LOCK = re.compile(r"^lock:.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_NOTE = "# Written by `pennon data lock`."


def schema_digest(contract: Contract, columns: list[str]) -> str:
    """`sha256:<hex>` of the columns in their order and the types that the contract gives them."""
    known = contract.columns
    shape = [[name, str(known[name].type) if name in known else "unknown"] for name in columns]
    return f"sha256:{sha256(msgspec.json.encode(shape)).hexdigest()}"


def with_lock(text: str, lock: Lock) -> str:
    """The dataset's file with this lock at its end; all that people wrote stays as it is."""
    kept = _LOCK.sub("", text).replace(f"{_NOTE}\n", "").rstrip("\n")
    lines = "".join(f"  {name}: {value}\n" for name, value in msgspec.structs.asdict(lock).items())
    return f"{kept}\n\n{_NOTE}\nlock:\n{lines}"


def differences(dataset: Dataset, seen: Lock, file: str) -> list[Finding]:
    """Where the data is not the one that was locked. Raises DataError if nothing was locked."""
    locked = dataset.lock
    if locked is None:
        raise DataError(f"{file} has no lock", hint="write it: pennon data lock")
    pairs = [
        ("content-changed", locked.content, seen.content),
        ("schema-changed", locked.schema, seen.schema),
        ("rows-changed", str(locked.rows), str(seen.rows)),
    ]
    return [
        Finding(code, dataset.source, f"locked {old[:19]}, found {new[:19]}")
        for code, old, new in pairs
        if old != new
    ]
