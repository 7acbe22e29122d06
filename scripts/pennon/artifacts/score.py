"""Score rows by a bundle in a process of its own, while this one does something else.

A champion has to run with its own code while the challenger's is loaded here; two versions of one
package do not fit into one process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from pennon.artifacts.bundle import Bundle
from pennon.errors import ArtifactError, PennonError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class Apart:
    """Predictions under way. They start at once; ask for the `result` when it is needed."""

    def __init__(
        self,
        bundle: Path,
        task: Callable[..., NDArray[np.float64]],
        *arguments: object,
        process: ProcessPoolExecutor | None = None,
    ) -> None:
        """`task(bundle, *arguments)` runs in a process of its own, by the code of the bundle."""
        self._bundle = bundle
        self._pool = process or warm()
        self._future = self._pool.submit(task, bundle, *arguments)

    def result(self) -> NDArray[np.float64]:
        """Predictions (n,). Raises ArtifactError where the bundle cannot score here."""
        hint = "it may need the libraries of its own time: see its manifest"
        try:
            return self._future.result()
        except PennonError as error:
            raise ArtifactError(error.what, hint=error.hint or hint) from error
        except BrokenProcessPool:
            what = f"scoring by {self._bundle.name} was killed"
            raise ArtifactError(what, hint="it may have run out of memory") from None
        except Exception as error:
            raise ArtifactError(f"{self._bundle.name} cannot score: {error}", hint=hint) from error
        finally:
            self._pool.shutdown(wait=False)


def scoring(bundle: Path, rows: pd.DataFrame, process: ProcessPoolExecutor | None = None) -> Apart:
    """`rows` (n, columns) are raw rows; columns beyond the bundle's signature do not matter."""
    return Apart(bundle, _score, rows, process=process)


def warm() -> ProcessPoolExecutor:
    """A process that is importing the ML stack already: seconds that need not be waited for."""
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    pool.submit(_import)
    return pool


def _import() -> None:
    """What every scoring needs, loaded before there are rows to score."""
    import pandas  # noqa: F401, ICN001, PLC0415
    import skops.io  # noqa: F401, PLC0415


def _score(bundle: Path, rows: pd.DataFrame) -> NDArray[np.float64]:
    # Not its compiled form: versions are compared by what was trained.
    return Bundle(bundle, compiled=False).predict(rows)
