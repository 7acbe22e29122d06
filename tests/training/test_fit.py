"""What the repository's own code can do wrong, and what is said about it."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from pennon.artifacts.source import UserCodeError
from pennon.config import Dataset, Project, Task, read
from pennon.errors import EvaluationError, PennonError, TrainingError
from pennon.training.estimator import build
from pennon.training.fit import Fitted
from pennon.training.fit import fit as fit_with
from pennon.training.recipe import Recipe
from shop import FILES, customers, write

PROJECT = read(FILES["pennon.yaml"], Project, "pennon.yaml")
DATASET = read(FILES["data/customers.yaml"], Dataset, "data/customers.yaml")


def recipe(folder: Path, **code: str) -> Recipe:
    """The shop's recipe; `features` and `model` replace a module's text."""
    for name in ("__init__", "features", "model"):
        text = code.get(name, FILES[f"src/shop/{name}.py"])
        write(folder, f"src/shop/{name}.py", text)
    return Recipe("churn", PROJECT.models["churn"], DATASET, {"columns": ["age"]}, folder)


def fit(made: Recipe, train: pd.DataFrame, holdout: pd.DataFrame) -> Fitted:
    return fit_with(made, train, holdout, made.root)


def fails(tmp_path: Path, **code: str) -> PennonError:
    rows = customers(200)
    with pytest.raises(PennonError) as caught:
        fit(recipe(tmp_path, **code), rows[:150], rows[150:])
    return caught.value


def test_a_recipe_predicts_every_sealed_row(tmp_path: Path) -> None:
    rows = customers(300)
    fitted = fit(recipe(tmp_path), rows[:200], rows[200:])
    assert fitted.made.predictions.shape == (100,)
    assert "scikit-learn" in fitted.libraries


def test_neither_key_nor_target_is_an_input(tmp_path: Path) -> None:
    assert recipe(tmp_path).inputs == ["age", "spend", "country"]


def test_the_target_of_the_sealed_rows_is_never_seen(tmp_path: Path) -> None:
    spy = "def build(c):\n    assert 'left' not in c.columns\n    return c[['age', 'spend']]\n"
    rows = customers(300)
    assert fit(recipe(tmp_path, features=spy), rows[:200], rows[200:]).made.predictions.size == 100


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ({"model": "def build(params):\n    return 1 / 0\n"}, r"ZeroDivisionError at model\.py:2"),
        ({"model": "import no_such_library\n"}, "importing shop.model raised ModuleNotFoundError"),
        ({"model": "x = 5\n"}, "shop.model has no function build"),
        ({"model": "def build(params):\n    return 'model'\n"}, "returned a str, not an estimator"),
        ({"features": "def build(c):\n    return c.head(3)\n"}, "returned 3 rows for 150"),
        ({"features": "def build(c):\n    return c[::-1]\n"}, "or in another order"),
        ({"features": "def build(c):\n    return 5\n"}, "returned a int, not a DataFrame"),
    ],
)
def test_code_that_fails_is_named_with_its_line(
    tmp_path: Path, code: dict[str, str], words: str
) -> None:
    error = fails(tmp_path, **code)
    assert isinstance(error, UserCodeError)
    assert re.search(words, error.what)


def test_an_estimator_that_raises_leaves_its_log(tmp_path: Path) -> None:
    bad = FILES["src/shop/model.py"].replace("LogisticRegression()", "LogisticRegression(C=-1)")
    error = fails(tmp_path, model=bad)
    assert isinstance(error, UserCodeError)
    assert "Pipeline.fit raised" in error.what
    assert "InvalidParameterError" in error.log


def test_a_missing_module_names_the_folder_where_it_was_looked_for(tmp_path: Path) -> None:
    made = recipe(tmp_path)
    (tmp_path / "src" / "shop" / "model.py").unlink()
    rows = customers(100)
    with pytest.raises(UserCodeError, match=r"there is no module shop\.model in"):
        fit(made, rows[:50], rows[50:])


def test_a_missing_target_is_named(tmp_path: Path) -> None:
    rows = customers(100).drop(columns="left")
    with pytest.raises(TrainingError, match="the target 'left' of churn is not a column"):
        fit(recipe(tmp_path), rows[:50], rows[50:])


def test_one_class_alone_is_no_classification(tmp_path: Path) -> None:
    rows = customers(100).assign(left=1)
    with pytest.raises(EvaluationError, match="1 classes of 'left', two are needed"):
        fit(recipe(tmp_path), rows[:50], rows[50:])


NAN = """\
import numpy as np


class Model:
    def fit(self, x, y):
        return self

    def predict(self, x):
        return np.zeros(len(x))

    def predict_proba(self, x):
        return np.full((len(x), 2), np.nan)


def build(params):
    return Model()
"""


def test_predictions_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    assert "NaN or infinity for 50 of 50 rows" in fails(tmp_path, model=NAN).what


def test_a_classifier_without_probabilities_is_refused(tmp_path: Path) -> None:
    bare = NAN.replace("predict_proba", "score")
    assert "has no predict_proba" in fails(tmp_path, model=bare).what


def test_an_unset_seed_is_set_and_a_set_one_stays(tmp_path: Path) -> None:
    forest = """\
from sklearn.ensemble import RandomForestClassifier


def build(params):
    return RandomForestClassifier(n_estimators=3, random_state=params.get("seed"))
"""
    made = recipe(tmp_path, model=forest)
    own = msgspec.structs.replace(made, params={"seed": 77})
    assert [build(made).random_state, build(own).random_state] == [made.model.seed, 77]


def test_a_regression_needs_no_probabilities(tmp_path: Path) -> None:
    linear = """\
from sklearn.linear_model import LinearRegression


def build(params):
    return LinearRegression()
"""
    made = recipe(tmp_path, model=linear)
    model = msgspec.structs.replace(made.model, task=Task.REGRESSION, features=None, target="age")
    dataset = msgspec.structs.replace(made.dataset, key=("id", "country"))
    rows = customers(200)
    found = fit(
        msgspec.structs.replace(made, model=model, dataset=dataset, params={}),
        rows[:150],
        rows[150:],
    )
    assert found.made.predictions.shape == (50,)
    assert found.made.predictions.std() > 0
