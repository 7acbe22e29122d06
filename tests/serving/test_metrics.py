"""The families that a server exposes, by what it was told."""

from pennon.config import Task
from pennon.serving.metrics import Metrics


def test_probabilities_are_counted_by_tenths() -> None:
    metrics = Metrics("churn")
    metrics.predicted(Task.CLASSIFICATION, "v1.0.0", "live", [0.05, 0.72, 0.78])
    lines = metrics.text().decode().splitlines()
    of = 'model="churn",role="live",version="v1.0.0"'
    buckets = [(le, f'pennon_probability_bucket{{le="{le}",{of}}}') for le in ("0.1", "0.7", "0.8")]
    found = {
        le: line.split()[-1] for le, name in buckets for line in lines if line.startswith(name)
    }
    assert found == {"0.1": "1.0", "0.7": "1.0", "0.8": "3.0"}
    assert not any(line.startswith("pennon_prediction_count") for line in lines)


def test_values_of_a_regression_are_summed() -> None:
    metrics = Metrics("fares")
    metrics.predicted(Task.REGRESSION, "v1.0.0", "live", [-20.0, 1_500.0])
    text = metrics.text().decode()
    of = 'model="fares",role="live",version="v1.0.0"'
    assert f"pennon_prediction_count{{{of}}} 2.0" in text
    assert f"pennon_prediction_sum{{{of}}} 1480.0" in text
    assert "pennon_probability_bucket" not in text
