"""How a repository wants its rows judged: its slices, and what an answer costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pennon.artifacts.source import UserCodeError, call
from pennon.config import Config, Model, Slice

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.str_]

MISSING = "missing"
"""The slice of rows that have no value."""


class Yardsticks(msgspec.Struct, frozen=True):
    """`slices`: name -> a label for each row (n,). `costs`: predictions (n,) -> costs (n,)."""

    slices: Mapping[str, Labels]
    costs: Callable[[Floats], Floats] | None = None


def yardsticks(config: Config, model: str, judged: pd.DataFrame, root: Path) -> Yardsticks:
    """For these rows. Raises UserCodeError where a function of the repository fails."""
    it, source = config.model(model), root / config.project.source
    return Yardsticks(
        slices={cut.name: _labels(cut, judged, source) for cut in it.cuts},
        costs=_costs(it, judged, source),
    )


def _labels(cut: Slice, rows: pd.DataFrame, source: Path) -> Labels:
    import numpy as np  # noqa: PLC0415  only where there are rows

    if cut.function is not None:
        found = np.asarray(call(cut.function, source, rows.copy()))
        if found.shape != (len(rows),):
            raise UserCodeError(
                f"{cut.function} returned labels of the shape {found.shape} for {len(rows)} rows",
                hint=f"the slice {cut.name} needs one label for each row",
            )
        return found.astype(str)
    values = rows[cut.column]
    if not cut.bins:
        return values.to_numpy().astype(str)
    names = np.array([*_names(cut.bins), MISSING])
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    at = np.searchsorted(cut.bins, numbers, side="right")
    return names[np.where(np.isnan(numbers), len(names) - 1, at)]


def _names(bins: tuple[float, ...]) -> list[str]:
    between = [f"{low:g} to {high:g}" for low, high in pairwise(bins)]
    return [f"below {bins[0]:g}", *between, f"{bins[-1]:g} and more"]


def _costs(it: Model, rows: pd.DataFrame, source: Path) -> Callable[[Floats], Floats] | None:
    import numpy as np  # noqa: PLC0415  only where there are rows

    from pennon.evaluation.costs import by_kind, costs_of  # noqa: PLC0415  the same

    costs = it.costs
    if costs is None:
        return None
    if costs.function is None:
        truth = rows[it.target].to_numpy(dtype=np.float64)
        return partial(by_kind, costs, truth, threshold=it.threshold)
    name = costs.function

    def spent(prediction: Floats) -> Floats:
        return costs_of(call(name, source, rows.copy(), prediction.copy()), len(rows), name)

    return spent
