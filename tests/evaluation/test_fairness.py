from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as oracle
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression

from pennon.config import Gates, Task
from pennon.errors import EvaluationError
from pennon.evaluation import Outcome, decide
from pennon.evaluation.aspects import Estimate, Fairness, Gap, Sensitive
from pennon.evaluation.compare import evaluate
from pennon.evaluation.fairness import fairness
from pennon.evaluation.groups import groups_of
from pennon.evaluation.plan import Plan

Numbers = NDArray[np.float64]
PLAN = Plan(model="loans", task=Task.CLASSIFICATION, metric="roc_auc")
PRICES = Plan(model="prices", task=Task.REGRESSION, metric="root_mean_squared_error")
RATES = ("selection_rate", "true_positive_rate", "false_positive_rate")


def people(
    rows: int = 4000, seed: int = 1, bias: float = 0.0
) -> tuple[Numbers, Numbers, pd.Series]:
    """A truth, probabilities and four regions; those of the last are pushed down by `bias`."""
    generator = np.random.default_rng(seed)
    region = pd.Series(generator.choice(["north", "east", "south", "west"], rows))
    truth = (generator.random(rows) < 0.4).astype(np.float64)
    score = truth - 0.5 + generator.normal(0, 1, rows) - bias * (region == "west").to_numpy()
    return truth, 1 / (1 + np.exp(-score)), region


def judged(*people: Any, plan: Plan = PLAN) -> Sensitive:  # noqa: ANN401  what people() gives
    truth, prediction, region = people
    return fairness(plan, truth, prediction, {"region": region}).columns[0]


def gap(found: Sensitive, rate: str) -> Gap:
    it = found.gap(rate)
    assert it is not None
    return it


def ratio(found: Sensitive, rate: str) -> Estimate:
    it = gap(found, rate).ratio
    assert it is not None
    return it


@pytest.mark.parametrize("name", RATES)
def test_the_rates_of_each_group_are_fairlearns(name: str) -> None:
    truth, prediction, region = people(bias=0.5)
    frame = oracle.MetricFrame(
        metrics=getattr(oracle, name),
        y_true=truth,
        y_pred=prediction >= 0.5,
        sensitive_features=region,
    )
    rates = {group.name: group.rate(name) for group in judged(truth, prediction, region).groups}
    assert {k: v.value for k, v in rates.items() if v} == pytest.approx(frame.by_group.to_dict())


ORACLES: dict[str, tuple[Callable[..., float], Callable[..., float]]] = {
    "selection_rate": (oracle.demographic_parity_difference, oracle.demographic_parity_ratio),
    "true_positive_rate": (oracle.equal_opportunity_difference, oracle.equal_opportunity_ratio),
    "equalized_odds": (oracle.equalized_odds_difference, oracle.equalized_odds_ratio),
}


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("bias", [-0.5, 0.0, 0.5])
def test_the_gaps_between_groups_are_fairlearns(name: str, bias: float) -> None:
    truth, prediction, region = people(bias=bias)
    found = judged(truth, prediction, region)
    theirs = [it(truth, prediction >= 0.5, sensitive_features=region) for it in ORACLES[name]]
    assert [gap(found, name).difference.value, ratio(found, name).value] == pytest.approx(theirs)


def test_the_errors_of_a_regression_are_fairlearns() -> None:
    truth, prediction, region = people(bias=0.5)
    found = judged(truth, prediction, region, plan=PRICES)
    frame = oracle.MetricFrame(
        metrics=lambda y_true, y_pred: np.abs(y_pred - y_true).mean(),
        y_true=truth,
        y_pred=prediction,
        sensitive_features=region,
    )
    it = gap(found, "mean_absolute_error")
    assert it.difference.value == pytest.approx(frame.difference())
    assert ratio(found, "mean_absolute_error").value == pytest.approx(frame.ratio())
    assert gap(found, "mean_error").ratio is None


def test_a_groups_interval_is_wilsons() -> None:
    truth = np.array([0.0, 1.0] * 50)
    found = judged(truth, np.array([0.9] * 20 + [0.1] * 80), np.zeros(100))
    rate = found.groups[0].rate("selection_rate")
    theirs = binomtest(20, 100).proportion_ci(method="wilson")
    assert rate is not None
    assert (rate.low, rate.high) == pytest.approx((theirs.low, theirs.high))


def test_a_group_that_is_treated_worse_is_named_and_its_gap_is_beyond_noise() -> None:
    it = gap(judged(*people(bias=1.0)), "true_positive_rate")
    assert it.smallest == "west"
    assert it.difference.low > 0.05
    assert it.ratio is not None
    assert it.ratio.high < 0.95


def test_where_nobody_is_treated_worse_the_interval_reaches_zero_as_often_as_it_says() -> None:
    found = [judged(*people(400, seed)) for seed in range(100)]
    for name in (*RATES, "equalized_odds"):
        assert sum(gap(it, name).difference.low == 0 for it in found) >= 90
        assert sum(ratio(it, name).high == 1 for it in found) >= 90


@pytest.mark.parametrize("name", ["mean_error", "mean_absolute_error"])
def test_equal_errors_of_a_regression_have_a_gap_that_reaches_zero(name: str) -> None:
    found = [judged(*people(400, seed), plan=PRICES) for seed in range(100)]
    assert sum(gap(it, name).difference.low == 0 for it in found) >= 90


def test_the_same_seed_gives_the_same_interval() -> None:
    assert judged(*people()) == judged(*people())


def test_a_group_that_is_too_small_is_counted_and_not_judged() -> None:
    truth, prediction, region = people()
    region[:7] = "islands"
    found = judged(truth, prediction, region)
    assert (found.groups[-1].name, found.groups[-1].rows) == ("islands", 7)
    assert found.groups[-1].why == "fewer than 30 rows"
    assert "islands" not in {gap(found, name).smallest for name in RATES}


def test_a_single_group_has_no_gap() -> None:
    truth, prediction, _ = people()
    assert judged(truth, prediction, np.zeros(truth.size)).gaps == ()


def test_a_group_without_positives_has_no_true_positive_rate() -> None:
    truth, prediction, region = people()
    truth[region == "west"] = 0
    west = next(it for it in judged(truth, prediction, region).groups if it.name == "west")
    assert west.rate("true_positive_rate") is None
    assert west.rate("false_positive_rate") is not None


def test_nobody_selected_has_no_ratio() -> None:
    truth, _, region = people()
    found = judged(truth, np.zeros(truth.size), region)
    assert gap(found, "selection_rate").difference.value == 0
    assert gap(found, "selection_rate").ratio is None


def test_numbers_are_cut_into_quarters_and_empty_cells_are_a_group() -> None:
    ages = pd.Series([*range(18, 98), None], dtype="Int64")
    quarters = ["[18, 37.75)", "[37.75, 57.5)", "[57.5, 77.25)", "[77.25, 97]"]
    assert groups_of(ages, 1).names == [*quarters, "(empty)"]


def test_numbers_that_are_close_together_keep_their_names_apart() -> None:
    moments = 1_700_000_000 + np.arange(100)
    assert len(set(groups_of(moments, 1).names)) == 4


def test_only_the_commonest_values_are_looked_at() -> None:
    found = groups_of(np.repeat([f"c{i}" for i in range(40)], range(40, 0, -1)), 1)
    assert (len(found.names), found.names[0], found.left_out) == (30, "c0", 10)
    assert (found.codes == -1).sum() == sum(range(1, 11))


def test_a_prediction_of_another_length_is_refused() -> None:
    truth, prediction, region = people()
    with pytest.raises(EvaluationError, match="predictions for 4000 rows"):
        fairness(PLAN, truth, prediction[1:], {"region": region})


def test_the_record_is_the_same_after_json() -> None:
    truth, prediction, region = people()
    found = fairness(PLAN, truth, prediction, {"region": region, "half": region < "o"})
    assert msgspec.json.decode(msgspec.json.encode(found), type=Fairness) == found


def applicants(seed: int, rows: int = 6000) -> tuple[Numbers, Numbers, Numbers]:
    """As able in both groups; those of group 1 were refused oftener, and the labels say so."""
    generator = np.random.default_rng(seed)
    group = (generator.random(rows) < 0.5).astype(np.float64)
    able = generator.normal(0, 1, rows)
    hired = (able - group + generator.logistic(0, 0.5, rows) > 0).astype(np.float64)
    return np.column_stack([able, group]), hired, group


def reweighed(hired: Numbers, group: Numbers) -> Numbers:
    """As if nobody's group said anything of the label (Kamiran and Calders, 2012)."""
    weights = np.ones(hired.size)
    for g in (0, 1):
        for y in (0, 1):
            both = (group == g) & (hired == y)
            weights[both] = (group == g).mean() * (hired == y).mean() / both.mean()
    return weights


def outcome(*, mend: bool) -> Outcome:
    """What a gate on the gap says of a model of biased labels."""
    features, hired, group = applicants(seed=1)
    weights = reweighed(hired, group) if mend else None
    model = LogisticRegression().fit(features, hired, sample_weight=weights)
    features, hired, group = applicants(seed=2)
    predicted = model.predict_proba(features)[:, 1]
    found = msgspec.structs.replace(
        evaluate(PLAN, hired, predicted, references=[]),
        fairness=fairness(PLAN, hired, predicted, {"group": group.astype(str)}),
    )
    gate = {"id": "alike", "metric": "selection_rate_gap", "slice": "group", "max": 0.2}
    (result,) = decide(found, msgspec.convert({"gates": [gate]}, Gates), None).results
    return result.outcome


def test_the_bias_of_the_data_fails_a_gate_and_a_reweighed_model_passes_it() -> None:
    assert outcome(mend=False) is Outcome.FAIL
    assert outcome(mend=True) is Outcome.PASS
