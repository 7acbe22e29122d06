"""A model that is a command of the repository: any language or library, files in, files out."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251  the repository's own engine
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import msgspec

from pennon.artifacts.predict import checked
from pennon.artifacts.source import LAST_LINES, UserCodeError
from pennon.errors import ArtifactError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

PREDICTION = "prediction"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Engine(msgspec.Struct, frozen=True):
    """The command with all that does not change from call to call.

    `root` is where it runs: the repository, or a version's bundle. Of its files only `source`, the
    folder of the repository's code (relative to `root`), and the configuration go with a version.
    `base` is the file that a training starts from.
    """

    command: tuple[str, ...]
    root: Path
    source: str
    params: Mapping[str, Any]
    seed: int
    base: Path | None = None

    def run(
        self, rows: pd.DataFrame, model: Path, train: pd.DataFrame | None = None
    ) -> NDArray[np.float64]:
        """Predictions (n,) for n rows, after training into the folder `model` where asked to.

        Raises UserCodeError with the end of its output, EvaluationError for what is no number.
        """
        with TemporaryDirectory(prefix="pennon-command-") as folder:
            here = Path(folder)
            asked = {
                "PENNON_ROWS": here / "rows.csv",
                "PENNON_PARAMS": here / "params.json",
                "PENNON_PREDICTIONS": here / "predictions.csv",
                "PENNON_MODEL": model,
            }
            rows.to_csv(asked["PENNON_ROWS"], index=False)
            asked["PENNON_PARAMS"].write_bytes(msgspec.json.encode(self.params))
            if train is not None:
                asked["PENNON_TRAIN"] = here / "train.csv"
                train.to_csv(asked["PENNON_TRAIN"], index=False)
                asked |= {"PENNON_BASE_MODEL": self.base} if self.base else {}
            self._call({name: str(path) for name, path in asked.items()})
            return checked(_predictions(here, self.said), len(rows))

    @property
    def said(self) -> str:
        return " ".join(self.command)

    def _call(self, asked: Mapping[str, str]) -> None:
        inherited = dict(os.environ)  # noqa: TID251  the command's is the user's own
        environment = {**inherited, **asked, "PENNON_SEED": str(self.seed)}
        environment["PATH"] = os.pathsep.join(
            [str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)]
        )
        paths = [str((self.root / self.source).resolve()), inherited.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        try:
            done = subprocess.run(  # noqa: S603  the repository's own command
                self.command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except OSError as error:
            raise UserCodeError(
                f"the command {self.said} cannot be started: {error}",
                hint="correct `command` in pennon.yaml",
            ) from None
        if done.returncode:
            lines = done.stdout.decode(errors="replace").splitlines()[-LAST_LINES:]
            raise UserCodeError(
                f"the command {self.said} ended with {_ending(done.returncode)}"
                + (f": {lines[-1]}" if lines else ""),
                hint="the repository's own code has to be mended",
                log="\n".join(lines),
            )


def pack(folder: Path, file: Path, said: str) -> None:
    """The folder as one file, whole or not at all: equal folders make equal bytes.

    Raises UserCodeError where the training command left nothing in it.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in _files(folder))
    if not names:
        raise UserCodeError(
            f"the command {said} left no model",
            hint="write the model's files into the folder $PENNON_MODEL",
        )
    half = file.with_name(f".{file.name}.half")
    try:
        with ZipFile(half, "w", ZIP_DEFLATED) as archive:
            for name in names:
                with archive.open(ZipInfo(name, _LONG_AGO), "w", force_zip64=True) as entry:
                    _copy(folder / name, entry)
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def unpacked(file: Path) -> Iterator[Path]:
    """The folder that was packed, as long as it is needed. Raises ArtifactError."""
    with TemporaryDirectory(prefix="pennon-model-") as folder:
        try:
            with ZipFile(file) as archive:
                archive.extractall(folder)
        except (BadZipFile, OSError) as error:
            raise ArtifactError(f"{file.name} cannot be unpacked: {error}") from None
        yield Path(folder)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _copy(path: Path, entry: Any) -> None:  # noqa: ANN401  a file object of zipfile
    import shutil  # noqa: PLC0415  only where a model is packed

    with path.open("rb") as content:
        shutil.copyfileobj(content, entry)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _predictions(folder: Path, said: str) -> NDArray[np.float64]:
    """The one column of `predictions.csv` or `predictions.parquet`."""
    import numpy as np  # noqa: PLC0415  only where there are rows
    import pandas as pd  # noqa: PLC0415

    csv, parquet = folder / "predictions.csv", folder / "predictions.parquet"
    try:
        found = pd.read_parquet(parquet) if parquet.exists() else pd.read_csv(csv)
        values: NDArray[np.float64] = found[PREDICTION].to_numpy(dtype=np.float64)
    except FileNotFoundError:
        what = "wrote no predictions"
    except KeyError:
        what = f"wrote predictions without a column {PREDICTION!r}"
    except ImportError:
        what = "wrote Parquet, and pyarrow is not here to read it"
    except (ValueError, OSError) as error:
        what = f"wrote predictions that cannot be read: {error}"
    else:
        return values
    raise UserCodeError(
        f"the command {said} {what}",
        hint=f"write a column {PREDICTION!r} to $PENNON_PREDICTIONS, a value for each of its rows",
    )
