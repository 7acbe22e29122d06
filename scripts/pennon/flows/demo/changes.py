"""The pull requests of the demo, as edits of a freshly baked repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_BETTER = """\
# The only place of hyperparameters: flights.model.build gets them.
delay:
  estimator: boosting
  features: [origin, month, weekday, minute, distance, temp, wind_speed, precip, visib]
  max_iter: 100
  learning_rate: 0.08
  max_leaf_nodes: 8
  min_samples_leaf: 60
"""
_WORSE = """\
# The only place of hyperparameters: flights.model.build gets them.
delay:
  estimator: boosting
  features: [origin, dest, carrier, month, weekday, minute, distance, temp, humid, wind_speed,
    precip, pressure, visib]
  max_iter: 200
  learning_rate: 0.06
  max_leaf_nodes: 12
  min_samples_leaf: 40
  l2_regularization: 1.0
"""
_NUMBERS = "    numbers = [name for name in COLUMNS if name not in CATEGORIES]\n"
_DOUBT = (
    '    features.loc[features["origin"] == "LGA", WEATHER] = float("nan")  # doubtful station\n'
)


def apply_change(name: str, repository: Path) -> None:
    """Edit the files of the repository as the pull request `name` does."""
    _CHANGES[name](repository)


def _better(repository: Path) -> None:
    """Look at the weather, with boosted trees."""
    (repository / "params.yaml").write_text(_BETTER, encoding="utf-8")


def _worse_slice(repository: Path) -> None:
    """More features; but the weather of one airport is left out: somebody doubts it."""
    (repository / "params.yaml").write_text(_WORSE, encoding="utf-8")
    file = repository / "src" / "flights" / "features.py"
    text = file.read_text(encoding="utf-8")
    cast = '    features[numbers] = features[numbers].astype("float64")\n'
    file.write_text(text.replace(cast, cast + _DOUBT), encoding="utf-8")


def _broken_data(repository: Path) -> None:
    """A refresh of the data that comes in degrees Celsius, with a carrier nobody knows."""
    file = repository / "data" / "flights.csv"
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    temp, carrier = names.index("temp"), names.index("carrier")
    rows = [line.split(",") for line in lines]
    for i, row in enumerate(rows):
        if row[temp]:
            row[temp] = f"{(float(row[temp]) - 32) / 1.8:.1f}"
        if i % 900 == 0:
            row[carrier] = "ZZ"
    text = "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
    file.write_text(text, encoding="utf-8")


_CHANGES: dict[str, Callable[[Path], None]] = {
    "better": _better,
    "worse_slice": _worse_slice,
    "broken_data": _broken_data,
}
