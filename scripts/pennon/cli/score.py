"""score: the rows of files, by a version."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from pennon.cli.options import json_option
from pennon.cli.output import emit, many
from pennon.cli.world import world
from pennon.serving.batch.plan import Form

if TYPE_CHECKING:
    from pennon.serving.batch.record import Record
    from pennon.serving.batch.run import Progress

_PARTS = 1000
_EVERY = 0.1
"""Where nobody watches: a line for each so much of a file."""


@click.command()
@click.argument(
    "model", metavar="[MODEL[@VERSION|#STAGE]]", default="", envvar="PENNON_SCORE_MODEL"
)
@click.option(
    "--input", type=click.Path(path_type=Path), required=True, help="A file, or a folder."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="A file that ends in .csv or .parquet, else a folder.",
)
@click.option(
    "--format",
    type=click.Choice([it.value for it in Form]),
    help="Of the output, if another.",
)
@click.option(
    "--keep", metavar="COLUMN", multiple=True, help="To carry over (the key); or all, or none."
)
@click.option(
    "--on-bad",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="What to do at a row that cannot be scored; skip puts it aside.",
)
@click.option("--overwrite", is_flag=True, help="Replace outputs that are there.")
@click.option("--chunk", type=click.IntRange(min=1), help="Rows at a time.  [default: 50,000]")
@click.option("--workers", type=click.IntRange(min=1), help="Processes (one per processor, to 4).")
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True)
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster: tcp://HOST:8786.")
@json_option
def score(model: str, *, json: bool, **options: Any) -> None:  # noqa: ANN401  click's
    """Predict for all rows of CSV or Parquet files by a registered version.

    The champion is asked, if no version is named, and the repository's only model, if none is. A
    run that was interrupted goes on when the same command is given again.

    Example: pennon score delay --input flights.csv --output scored.csv
    """
    if (options["engine"] == "dask") != bool(options["scheduler"]):
        raise click.UsageError("--engine dask and --scheduler ADDRESS go together")
    from pennon.flows.score import CHUNK, Ask  # noqa: PLC0415  only what is called
    from pennon.flows.score import score as flow  # noqa: PLC0415

    ask = Ask(
        model=model,
        input=options["input"],
        output=options["output"],
        form=options["format"] and Form(options["format"]),
        keep=options["keep"],
        skip=options["on_bad"] == "skip",
        overwrite=options["overwrite"],
        chunk=options["chunk"] or CHUNK,
        workers=options["workers"] or 0,
        scheduler=options["scheduler"] or "",
    )
    with _Bar() as bar:
        found = flow(world(), ask, bar.told)
    emit(found, "\n".join(_line(it, options["output"]) for it in found), json=json)


class _Bar:
    """A bar on a terminal, elsewhere a line now and then."""

    def __enter__(self) -> Self:
        self._file, self._share = "", 0.0
        self._open = ExitStack()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._open.close()
        if kind is KeyboardInterrupt:
            click.echo("stopped; the same command goes on where it was", err=True)

    def told(self, it: Progress) -> None:
        if it.file != self._file:
            self._begin(it)
        if self._bar:
            self._bar.update(round(it.share * _PARTS) - self._bar.pos)
        elif it.share >= self._share:
            click.echo(f"{it.file}: {it.rows:,} rows, {it.share:.0%}", err=True)
            self._share = min(it.share + _EVERY, 1.0)

    def _begin(self, it: Progress) -> None:
        self._open.close()
        self._file, self._share = it.file, 0.0
        self._bar = None
        if sys.stderr.isatty():
            bar = click.progressbar(length=_PARTS, label=it.file, file=sys.stderr)
            self._bar = self._open.enter_context(bar)


def _line(it: Record, write: Path) -> str:
    bad = f"; {many(it.bad, 'bad row')} in {it.output}.bad.csv" if it.bad else ""
    folder = write.parent if write.name == it.output else write
    return (
        f"{folder / it.output}: {many(it.scored, 'row')} scored by {it.job.model}@{it.job.version}"
        f"{bad}"
    )
