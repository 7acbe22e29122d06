"""The pull requests of the demo, as edits of a freshly baked repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_BETTER = """\
# The only place of hyperparameters: flights.model.build gets them.
delay:
  estimator: boosting
  features: [origin, minute, humid, wind_speed]
  max_iter: 100
  learning_rate: 0.05
  max_leaf_nodes: 6
  min_samples_leaf: 60
"""
_WORSE = """\
# The only place of hyperparameters: flights.model.build gets them.
delay:
  estimator: boosting
  features: [origin, dest, carrier, weekday, minute, temp, humid, wind_speed, precip, pressure,
    visib]
  max_iter: 300
  learning_rate: 0.05
  max_leaf_nodes: 16
  min_samples_leaf: 20
  l2_regularization: 5.0
"""
# The slip of the story: JFK is written JKF, so its rows find no partner and their weather is empty.
_USUAL = """
# What is usual at each airport: the same wind is much at one and little at another.
USUAL = pd.DataFrame(
    [
        [57.2, 59.0, 9.9, 0.0, 1018.0, 9.2],
        [56.0, 62.2, 12.0, 0.0, 1018.1, 9.2],
        [57.7, 56.3, 11.0, 0.0, 1017.6, 9.4],
    ],
    columns=WEATHER,
    index=["EWR", "JKF", "LGA"],
)
"""
_BESIDE_USUAL = '    features[WEATHER] -= USUAL.reindex(features["origin"]).to_numpy()\n'


def apply_change(name: str, repository: Path) -> None:
    """Edit the files of the repository as the pull request `name` does."""
    _CHANGES[name](repository)


def _better(repository: Path) -> None:
    """Look at the weather instead of the calendar, with boosted trees."""
    (repository / "params.yaml").write_text(_BETTER, encoding="utf-8")


def _worse_slice(repository: Path) -> None:
    """Much more to look at; and the weather as it differs from the usual, but for one airport."""
    (repository / "params.yaml").write_text(_WORSE, encoding="utf-8")
    columns = '"distance", *WEATHER]\n'
    cast = '    features[numbers] = features[numbers].astype("float64")\n'
    features = repository / "src" / "flights" / "features.py"
    _replace(features, columns, columns + _USUAL)
    _replace(features, cast, cast + _BESIDE_USUAL)
    golden = "features.iloc[0].to_dict() == FLIGHT"
    names = "list(features.iloc[0].index) == list(FLIGHT)"
    _replace(repository / "tests" / "unit" / "test_features.py", golden, names)


def _replace(file: Path, old: str, new: str) -> None:
    """The file with its one `old` as `new`. Raises ValueError if the template has moved on."""
    before, found, after = file.read_text(encoding="utf-8").partition(old)
    if not found:
        raise ValueError(f"{file.name} has no {old!r} that the demo could change")
    file.write_text(before + new + after, encoding="utf-8")


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
