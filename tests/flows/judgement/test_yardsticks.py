"""Slices and costs as a repository says them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from pennon.artifacts.source import UserCodeError
from pennon.config import Config, load
from pennon.errors import EvaluationError
from pennon.flows.judgement.yardsticks import yardsticks
from shop import FILES

ROWS = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "age": [17.0, 18.0, 64.9, np.nan],
        "country": ["DE", "FR", "DE", "FR"],
        "left": [0, 1, 0, 1],
    }
)
SOUND = "def cut(rows):\n    return rows['country'] + '!'\n\n\ndef cost(rows, predictions):\n"
SOUND += "    return rows['age'].fillna(0) * predictions\n"


def configured(**model: Any) -> Config:  # noqa: ANN401  keys of a model
    config = load({**FILES}.get)
    made = msgspec.convert(
        msgspec.to_builtins(config.model("churn")) | model, type(config.model("churn"))
    )
    project = msgspec.structs.replace(config.project, models={"churn": made})
    return msgspec.structs.replace(config, project=project)


def labels(tmp_path: Path, cut: object, code: str = SOUND) -> list[str]:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / f"{tmp_path.name}.py").write_text(code)
    (found,) = yardsticks(configured(slices=[cut]), "churn", ROWS, tmp_path).slices.values()
    return [str(label) for label in found]


def test_a_column_has_a_slice_for_each_value(tmp_path: Path) -> None:
    assert labels(tmp_path, "country") == ["DE", "FR", "DE", "FR"]


def test_a_limit_belongs_to_the_upper_slice_and_no_value_to_missing(tmp_path: Path) -> None:
    cut = {"name": "years", "column": "age", "bins": [18, 65]}
    assert labels(tmp_path, cut) == ["below 18", "18 to 65", "18 to 65", "missing"]


def test_a_function_calls_each_row_what_it_wants(tmp_path: Path) -> None:
    cut = {"name": "land", "function": f"{tmp_path.name}:cut"}
    assert labels(tmp_path, cut) == ["DE!", "FR!", "DE!", "FR!"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def cut(rows):\n    return ['x']\n", r"shape \(1,\) for 4 rows"),
        ("def cut(rows):\n    return rows['gone']\n", "raised KeyError"),
        ("", "has no function cut"),
    ],
)
def test_a_function_that_does_not_label_every_row_is_refused(
    tmp_path: Path, code: str, words: str
) -> None:
    with pytest.raises(UserCodeError, match=words):
        labels(tmp_path, {"name": "land", "function": f"{tmp_path.name}:cut"}, code)


def costs(tmp_path: Path, said: dict[str, Any], code: str = SOUND) -> list[float]:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / f"{tmp_path.name}.py").write_text(code)
    found = yardsticks(configured(costs=said), "churn", ROWS, tmp_path).costs
    assert found
    spent: list[float] = found(np.array([0.9, 0.2, 0.5, 0.8])).tolist()
    return spent


def test_costs_are_those_of_the_kind_of_answer(tmp_path: Path) -> None:
    said = {"false_positive": 4, "false_negative": 25, "true_positive": 3, "true_negative": -1}
    assert costs(tmp_path, said) == [4, 25, 4, 3]


def test_a_function_says_what_each_row_costs(tmp_path: Path) -> None:
    found = costs(tmp_path, {"function": f"{tmp_path.name}:cost"})
    assert found == pytest.approx([15.3, 3.6, 32.45, 0])


@pytest.mark.parametrize(
    ("returned", "words"),
    [("[1.0]", "shape"), ("rows['country']", "did not return numbers"), ("rows['age']", "NaN")],
)
def test_costs_that_are_none_are_refused(tmp_path: Path, returned: str, words: str) -> None:
    code = f"def cost(rows, predictions):\n    return {returned}\n"
    with pytest.raises(EvaluationError, match=words):
        costs(tmp_path, {"function": f"{tmp_path.name}:cost"}, code)


def test_a_model_that_says_nothing_has_no_costs(tmp_path: Path) -> None:
    assert yardsticks(configured(), "churn", ROWS, tmp_path).costs is None
