"""The estimator: its family and its features come from params.yaml."""

from typing import Any

{% if cookiecutter.problem == "classification" -%}
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier as Boosting
from sklearn.linear_model import LogisticRegression as Linear
{%- else -%}
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor as Boosting
from sklearn.linear_model import Ridge as Linear
{%- endif %}
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from {{ cookiecutter.package_name }}.features import CATEGORIES


def build(params: dict[str, Any]) -> Pipeline:
    """An unfitted pipeline: `estimator` is linear or boosting, `features` the columns it uses."""
    settings = dict(params)
    family, features = settings.pop("estimator"), settings.pop("features")
    words = [name for name in features if name in CATEGORIES]
    numbers = [name for name in features if name not in CATEGORIES]
    if family == "linear":
        columns = make_column_transformer(
            (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20), words),
            (StandardScaler(), numbers),
        )
        return make_pipeline(columns, Linear(**settings))
    if family == "boosting":
        codes = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=20
        )
        columns = make_column_transformer((codes, words), ("passthrough", numbers))
        # By default it stops early on many rows only: a sample would follow another recipe.
        settings.setdefault("early_stopping", False)
        return make_pipeline(columns, Boosting(**settings))
    raise ValueError(f"params.yaml: estimator is linear or boosting, not {family!r}")
