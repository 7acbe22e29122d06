"""Which files are scored, and where their predictions go."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from pennon.errors import DataError
from pennon.serving.batch.plan import BatchError, Form

_FORMS = {f".{form}": form for form in Form}
_SAYS = " or ".join(_FORMS)


class Pair(msgspec.Struct, frozen=True):
    """`name` is the input as messages call it."""

    name: str
    input: Path
    source: Form
    output: Path
    form: Form


def pairs(read: Path, write: Path, form: Form | None) -> list[Pair]:
    """One for each file. An output without a suffix of a table is a folder.

    Raises DataError where there is nothing to score, BatchError where outputs would meet.
    """
    if not read.exists():
        raise DataError(f"there is no {read}", hint="correct --input")
    if read.is_dir():
        found = _inside(read, write, form)
    else:
        file = write if write.suffix in _FORMS else write / read.name
        found = [_pair(read, read.name, file, form)]
    _apart(found)
    return found


def _inside(read: Path, write: Path, form: Form | None) -> list[Pair]:
    if write.suffix in _FORMS or write.is_file():
        raise BatchError(f"{read} is a folder, {write} is a file", hint="name a folder: --output")
    if write.resolve().is_relative_to(read.resolve()):
        raise BatchError(f"{write} lies in {read}", hint="what was written would be read as well")
    names = sorted(
        path.relative_to(read)
        for path in read.rglob("*")
        if path.is_file() and path.suffix in _FORMS and not path.name.startswith(".")
    )
    if not names:
        raise DataError(f"{read} has no file that ends in {_SAYS}", hint="correct --input")
    return [_pair(read / name, name.as_posix(), write / name, form) for name in names]


def _pair(read: Path, name: str, write: Path, form: Form | None) -> Pair:
    source = _FORMS.get(read.suffix)
    if source is None:
        raise DataError(f"{read} does not end in {_SAYS}", hint="convert or rename it")
    if form is None:
        return Pair(name, read, source, write, _FORMS[write.suffix])
    return Pair(name, read, source, write.with_suffix(f".{form}"), form)


def _apart(found: list[Pair]) -> None:
    for it in found:
        if it.output.resolve() == it.input.resolve():
            raise BatchError(f"{it.output} is the input itself", hint="name another --output")
        if it.output.is_dir():
            raise BatchError(f"{it.output} is a folder", hint="name another --output")
    output, times = Counter(it.output for it in found).most_common(1)[0]
    if times > 1:
        both = " and ".join(it.name for it in found if it.output == output)
        raise BatchError(f"{both} would both become {output}", hint="rename one of them")
