"""Which rows belong together: a customer's, or those of one day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pennon.config import Blocks, Dataset

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_PERIOD = {Blocks.DAY: "D", Blocks.WEEK: "W", Blocks.MONTH: "M"}


def groups(frame: pd.DataFrame, dataset: Dataset) -> NDArray[Any] | None:
    """A label for each row (n,); None where every row stands for itself."""
    if dataset.group is not None:
        labels: NDArray[Any] = frame[dataset.group].astype(str).to_numpy()
        return labels
    if dataset.blocks is None or dataset.time is None:
        return None
    import pandas as pd  # noqa: PLC0415  only where there are rows

    moments = pd.to_datetime(frame[dataset.time], utc=True).dt.tz_localize(None)
    periods: NDArray[Any] = moments.dt.to_period(_PERIOD[dataset.blocks]).astype(str).to_numpy()
    return periods
