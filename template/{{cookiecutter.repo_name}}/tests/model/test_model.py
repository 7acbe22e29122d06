import numpy as np
import pandas as pd
import pytest
{%- if cookiecutter.problem == "classification" %}
from sklearn.metrics import roc_auc_score
{%- else %}
from sklearn.metrics import mean_squared_error
{%- endif %}

from {{ cookiecutter.package_name }}.features import build as features
from {{ cookiecutter.package_name }}.model import build


@pytest.fixture(scope="module")
def halves(flights: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows to learn from and rows to judge by, dealt out in turn."""
    some = flights.head(6000)
    return some[::2], some[1::2]


@pytest.fixture(scope="module")
def predictions(halves, model: dict, params: dict) -> np.ndarray:
    train, test = halves
    fitted = build(params).fit(features(train), train[model["target"]])
{%- if cookiecutter.problem == "classification" %}
    return fitted.predict_proba(features(test))[:, 1]
{%- else %}
    return fitted.predict(features(test))
{%- endif %}


def test_the_model_knows_more_than_a_constant(halves, model: dict, predictions) -> None:
{%- if cookiecutter.problem == "classification" %}
    _, test = halves
    assert roc_auc_score(test[model["target"]], predictions) > 0.55
{%- else %}
    train, test = halves
    constant = np.full(len(test), train[model["target"]].mean())
    truth = test[model["target"]]
    assert mean_squared_error(truth, predictions) < mean_squared_error(truth, constant)
{%- endif %}


def test_the_predictions_differ_and_are_finite(predictions) -> None:
    assert np.isfinite(predictions).all()
    assert np.unique(predictions).size > 100


def test_a_misspelt_family_is_refused() -> None:
    with pytest.raises(ValueError, match="linear or boosting"):
        build({"estimator": "forest", "features": ["month"]})
