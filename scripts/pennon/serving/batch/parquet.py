"""Parquet in and out, by pyarrow where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pennon.errors import DataError, MissingExtraError
from pennon.serving.batch.cells import Bad
from pennon.serving.batch.plan import PREDICTION, VERSION, Chunk, Place, Want

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def pyarrow() -> Any:  # noqa: ANN401  the module, which is not installed everywhere
    """Raises MissingExtraError where it is not here."""
    try:
        import pyarrow as pa  # type: ignore[import-not-found]  # noqa: PLC0415  as above
        import pyarrow.parquet  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        hint = "add pyarrow to requirements.in and lock it, or write CSV"
        raise MissingExtraError("Parquet needs pyarrow, which is not here", hint=hint) from None
    return pa


def names(file: Path) -> tuple[str, ...]:
    with _opened(file) as it:
        return tuple(it.schema_arrow.names)


def chunks(
    file: Path, rows: int, start: Place | None, columns: list[str] | None = None
) -> Iterator[Chunk]:
    """At most `rows` rows of one row group as an Arrow stream. A place is a group and a batch."""
    arrow = pyarrow()
    place = start or Place((0, 0), 0)
    with _opened(file) as it:
        total = max(1, it.metadata.num_rows)
        begin, batches_done = place.of
        for group in range(begin, it.num_row_groups):
            done = batches_done if group == begin else 0
            batches = it.iter_batches(batch_size=rows, row_groups=[group], columns=columns)
            for i, batch in enumerate(batches):
                if i < done or not len(batch):
                    continue
                after = Place((group, i + 1), place.row + len(batch))
                with arrow.BufferOutputStream() as sink:
                    with arrow.ipc.new_stream(sink, batch.schema) as stream:
                        stream.write_batch(batch)
                    data = sink.getvalue().to_pybytes()
                yield Chunk(place.row, after, after.row / total, data)
                place = after


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    arrow = pyarrow()
    try:
        with arrow.parquet.ParquetFile(file) as it:
            yield it
    except (arrow.ArrowInvalid, OSError) as error:
        raise DataError(f"{file.name} cannot be read: {error}") from None


class ParquetRows:
    """A chunk as `cells.good` reads it."""

    def __init__(self, chunk: Chunk) -> None:
        with pyarrow().ipc.open_stream(chunk.data) as stream:
            self.table = stream.read_all()
        self.total = len(self.table)
        self.bad: list[Bad] = []

    def frame(
        self, wants: tuple[Want, ...], without: frozenset[int], *, text: bool
    ) -> pd.DataFrame:
        """Integers that may be empty keep all their digits: they are objects, not floats."""
        columns = self.table.select([want.name for want in wants])
        found: pd.DataFrame = columns.to_pandas(integer_object_nulls=True)
        found = found.drop(index=list(without))
        return found.astype("str") if text else found

    def kept(self, names: tuple[str, ...], frame: pd.DataFrame) -> list[Any]:
        places = pyarrow().array(frame.index.to_numpy())
        return list(self.table.select(list(names)).take(places).columns)

    def cells(self, at: int) -> list[str]:
        row = self.table.slice(at, 1).to_pylist()[0]
        return ["" if value is None else str(value) for value in row.values()]


def piece(
    names: tuple[str, ...], kept: list[Any], found: NDArray[np.float64], version: str
) -> bytes:
    """A chunk's output as a small Parquet file: many are put together at the end."""
    arrow = pyarrow()
    columns = [arrow.array(it, arrow.string()) if isinstance(it, list) else it for it in kept]
    values = [*columns, arrow.array(found), arrow.array([version] * len(found), arrow.string())]
    sink = BytesIO()
    table = arrow.Table.from_arrays(values, names=[*names, PREDICTION, VERSION])
    arrow.parquet.write_table(table, sink)
    return sink.getvalue()


def assemble(
    half: Path, ends: list[int], to: Path, made_of: tuple[tuple[str, ...], Path | None]
) -> None:
    """The pieces, which end at these bytes of `half`, as one file with a row group for each.

    `made_of` are the kept columns and the Parquet file they are from: the types of no rows.
    """
    arrow = pyarrow()
    pieces = [(a, b) for a, b in zip([0, *ends], ends, strict=False) if b > a]
    with half.open("rb") as stream:
        tables = (_table(stream, place) for place in pieces)
        first = next(tables, None)
        if first is None:
            first = _empty(*made_of)
        with arrow.parquet.ParquetWriter(to, first.schema) as writer:
            for table in chain([first], tables):
                writer.write_table(table)


def _table(stream: BinaryIO, place: tuple[int, int]) -> Any:  # noqa: ANN401  of pyarrow
    stream.seek(place[0])
    return pyarrow().parquet.read_table(BytesIO(stream.read(place[1] - place[0])))


def _empty(names: tuple[str, ...], source: Path | None) -> Any:  # noqa: ANN401  of pyarrow
    arrow = pyarrow()
    schema = arrow.parquet.read_schema(source) if source else None
    kept = [(name, schema.field(name).type if schema else arrow.string()) for name in names]
    ours = [(PREDICTION, arrow.float64()), (VERSION, arrow.string())]
    return arrow.schema([*kept, *ours]).empty_table()
