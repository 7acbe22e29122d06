"""What a file has to have before any of its rows is read, and the plan to score it by. Pure."""

from __future__ import annotations

import msgspec

from pennon.artifacts import digest
from pennon.errors import DataError
from pennon.serving.batch import parquet, split
from pennon.serving.batch.files import Pair
from pennon.serving.batch.plan import PREDICTION, VERSION, Form, Job, Plan, Want

EVERYTHING, NOTHING = "all", "none"
"""What may be kept instead of columns."""


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What scores: a version. `key` names the columns that a row is known by."""

    name: str
    version: str
    commit: str
    artifact: str
    wants: tuple[Want, ...]
    key: tuple[str, ...]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked for. Where `keep` is empty, the key is meant."""

    keep: tuple[str, ...] = ()
    chunk: int
    skip: bool = False
    overwrite: bool = False
    pennon: str


def plan(model: Model, pair: Pair, settings: Settings) -> Plan:
    """Raises DataError for a file without the columns, MissingExtraError without pyarrow."""
    if Form.PARQUET in {pair.source, pair.form}:
        parquet.pyarrow()
    header = b""
    if pair.source is Form.CSV:
        header, names = split.header(pair.input)
    else:
        names = parquet.names(pair.input)
    keep = _kept(model, pair, settings, names)
    _check(pair, names, (*(want.name for want in model.wants), *keep))
    job = Job(
        model=model.name,
        version=model.version,
        artifact=model.artifact,
        input=digest(pair.input),
        keep=keep,
        form=pair.form,
        skip=settings.skip,
        chunk=settings.chunk,
        pennon=settings.pennon,
    )
    return Plan(
        file=pair.name,
        path=str(pair.input.resolve()),
        source=pair.source,
        names=names,
        header=header,
        wants=model.wants,
        job=job,
    )


def _kept(model: Model, pair: Pair, settings: Settings, names: tuple[str, ...]) -> tuple[str, ...]:
    match settings.keep:
        case ():
            lost = [name for name in model.key if name not in names]
            if lost:
                raise DataError(
                    f"{pair.name} has no column {lost[0]}, the key by which a row is known",
                    hint=f"name what to keep: --keep COLUMN, --keep {EVERYTHING}, "
                    f"or --keep {NOTHING}",
                )
            return model.key
        case (word,) if word == EVERYTHING:
            return names
        case (word,) if word == NOTHING:
            return ()
        case _:
            return tuple(dict.fromkeys(settings.keep))


def _check(pair: Pair, names: tuple[str, ...], needed: tuple[str, ...]) -> None:
    missing = [name for name in dict.fromkeys(needed) if name not in names]
    if missing:
        columns = "column" if len(missing) == 1 else "columns"
        raise DataError(
            f"{pair.name} has no {columns} {', '.join(missing)}",
            hint=f"its columns are: {', '.join(names)}",
        )
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DataError(f"{pair.name} has two columns {twice[0]!r}", hint="rename one of them")
    ours = [name for name in needed if name in {PREDICTION, VERSION}]
    if ours:
        hint = "rename it, or do not keep it: --keep COLUMN"
        raise DataError(f"{pair.name} has a column {ours[0]}, as the output has", hint=hint)
