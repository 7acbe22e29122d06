"""The data and the configuration, as every test sees them."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def dataset() -> dict:
    return yaml.safe_load((ROOT / "data" / "flights.yaml").read_text())


@pytest.fixture(scope="session")
def flights(dataset: dict) -> pd.DataFrame:
    return pd.read_csv(ROOT / dataset["source"], keep_default_na=False, na_values=[""])


@pytest.fixture(scope="session")
def model() -> dict:
    return yaml.safe_load((ROOT / "pennon.yaml").read_text())["models"]["{{ cookiecutter.model_name }}"]


@pytest.fixture(scope="session")
def params() -> dict:
    return yaml.safe_load((ROOT / "params.yaml").read_text())["{{ cookiecutter.model_name }}"]
