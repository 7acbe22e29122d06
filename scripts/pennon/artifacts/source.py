"""The functions that a model repository names (`package.module:function`), found and called."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pennon.errors import TrainingError

if TYPE_CHECKING:
    import pandas as pd

LAST_LINES = 20


class UserCodeError(TrainingError):
    """The repository's own code raised. `log` has the last lines of its traceback."""

    def __init__(self, what: str, *, hint: str = "", log: str = "") -> None:
        super().__init__(what, hint=hint)
        self.log = log


def function(reference: str, source: Path) -> Callable[..., Any]:
    """The function, imported from the folder `source`. Raises UserCodeError."""
    module_name, _, name = reference.partition(":")
    _prefer(source, module_name.partition(".")[0])
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and module_name.startswith(error.name):
            raise UserCodeError(
                f"there is no module {module_name} in {source}",
                hint="correct the reference in pennon.yaml",
            ) from None
        raise _failed(f"importing {module_name}", error, source) from error
    except Exception as error:
        raise _failed(f"importing {module_name}", error, source) from error
    found = getattr(module, name, None)
    if not callable(found):
        raise UserCodeError(
            f"{module_name} has no function {name}", hint="correct the reference in pennon.yaml"
        )
    return found  # type: ignore[no-any-return]  # callable is all that we know


def call(reference: str, source: Path, *arguments: Any) -> Any:  # noqa: ANN401  theirs
    """What the function returns. Raises UserCodeError with the end of its traceback."""
    return _called(function(reference, source), reference, source, *arguments)


def features(reference: str | None, source: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """The features of the rows: the rows themselves where no function is named.

    Raises UserCodeError if the function changes the number or order of rows: predictions would
    belong to other rows than they seem.
    """
    return features_by(reference, source)(rows)


def features_by(reference: str | None, source: Path) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The same as a function, which is looked for once. Raises UserCodeError."""
    if reference is None:
        return lambda rows: rows
    found = function(reference, source)
    return lambda rows: _kept(_called(found, reference, source, rows.copy()), rows, reference)


def _called(
    found: Callable[..., Any],
    reference: str,
    source: Path,
    *arguments: Any,  # noqa: ANN401  theirs
) -> Any:  # noqa: ANN401  theirs
    try:
        return found(*arguments)
    except Exception as error:
        raise _failed(reference, error, source) from error


def _kept(made: Any, rows: pd.DataFrame, reference: str) -> pd.DataFrame:  # noqa: ANN401  theirs
    import pandas as pd  # noqa: PLC0415  only where there are rows

    if not isinstance(made, pd.DataFrame):
        raise UserCodeError(f"{reference} returned a {type(made).__name__}, not a DataFrame")
    if not made.index.equals(rows.index):
        raise UserCodeError(
            f"{reference} returned {len(made)} rows for {len(rows)}, or in another order",
            hint="keep each row and the index: predictions are joined by them",
        )
    return made


def _prefer(source: Path, package: str) -> None:
    """Put `source` first on the path, and forget a package of this name from elsewhere."""
    wanted = str(source.resolve())
    if sys.path[:1] != [wanted]:
        sys.path.insert(0, wanted)
    loaded = sys.modules.get(package)
    file = getattr(loaded, "__file__", None) or ""
    if loaded is not None and not file.startswith(wanted):
        for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
            del sys.modules[name]


def _failed(what: str, error: Exception, source: Path) -> UserCodeError:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(str(source.resolve()))]
    at = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    lines = "".join(traceback.format_exception(error)).splitlines()[-LAST_LINES:]
    return UserCodeError(
        f"{what} raised {type(error).__name__}{at}: {error}",
        hint="the repository's own code has to be mended",
        log="\n".join(lines),
    )
