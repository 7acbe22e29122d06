"""A planted weak slice is found, and where nothing is weak nothing is said."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pennon.config import Against, Task
from pennon.errors import EvaluationError
from pennon.evaluation.compare import Reference
from pennon.evaluation.discovery import discover
from pennon.evaluation.estimate import Noise
from pennon.evaluation.insight import Discovery, Weakness
from pennon.evaluation.plan import Plan
from pennon.evaluation.search import Limits
from spots import discovery

Numbers = NDArray[np.float64]
PLAN = Plan(model="delay", task=Task.CLASSIFICATION, metric="roc_auc", seed=3)
PRICES = Plan(model="prices", task=Task.REGRESSION, metric="mean_absolute_error", seed=3)


def sigmoid(logit: Numbers) -> Numbers:
    found: Numbers = 1 / (1 + np.exp(-logit))
    return found


class World:
    """Columns that say nothing, and a model that is right about every probability."""

    def __init__(self, rows: int = 4000, seed: int = 1) -> None:
        generator = np.random.default_rng(seed)
        self.frame = pd.DataFrame(
            {
                "origin": generator.choice(["LGA", "JFK", "EWR"], rows),
                "carrier": generator.choice(["UA", "B6", "EV", "9E"], rows),
                "distance": generator.uniform(100, 3000, rows),
                "month": generator.integers(1, 13, rows),
            }
        )
        self.logit = generator.normal(-1, 1.2, rows)
        self.truth = (generator.random(rows) < sigmoid(self.logit)).astype(np.float64)
        self.sure = sigmoid(self.logit)

    def found(
        self,
        candidate: Numbers,
        plan: Plan = PLAN,
        *,
        truth: Numbers | None = None,
        **more: Any,  # noqa: ANN401  options of `discover`
    ) -> Discovery:
        beside = Reference(Against.CHAMPION, "v1.0.0", self.sure if truth is None else truth)
        return discover(
            plan, self.frame, self.truth if truth is None else truth, (candidate, beside), **more
        )


def test_a_value_for_which_it_says_too_much_is_found() -> None:
    it = World()
    found = it.found(sigmoid(it.logit + 1.5 * (it.frame["carrier"] == "EV")))
    (first, *_) = found.found
    assert (first.rule, first.below) == ("carrier=EV", False)
    assert first.candidate == pytest.approx(0.55, abs=0.05)
    assert first.beside == pytest.approx(0.3, abs=0.05)
    assert first.noise.center == pytest.approx(0.25, abs=0.05)


def test_two_conditions_that_are_weak_together_are_found_together() -> None:
    it = World()
    both = (it.frame["origin"] == "LGA") & (it.frame["distance"] > 2300)
    found = it.found(sigmoid(it.logit - 2.5 * both))
    assert found.found[0].below
    assert set(found.found[0].rule.split(" and ")) == {"origin=LGA", "distance > 2320"}


def test_where_it_knows_less_than_the_champion_is_found_though_it_is_right_on_average() -> None:
    it = World()
    candidate, where = it.sure.copy(), (it.frame["carrier"] == "B6").to_numpy()
    candidate[where] = np.random.default_rng(2).permutation(candidate[where])
    found = it.found(candidate)
    assert found.off == () or found.off[0] not in found.found
    assert found.worse[0].rule == "carrier=B6"
    assert found.worse[0] in found.found
    assert (found.worse[0].candidate or 1) < 0.6
    assert (found.worse[0].beside or 0) > 0.7


def test_a_regression_that_says_too_little_is_found() -> None:
    it = World()
    truth = it.logit * 10 + np.random.default_rng(3).normal(0, 5, 4000)
    found = it.found(it.logit * 10 - 8.0 * (it.frame["month"] == 7), PRICES, truth=truth)
    assert (found.loss, found.off[0].rule) == ("mean_absolute_error", "month=7")
    assert found.off[0].noise.center == pytest.approx(-8, abs=1.5)


def test_slices_that_say_the_same_are_shown_once() -> None:
    it = World()
    it.frame["airline"] = it.frame["carrier"].map(str.lower)
    found = it.found(sigmoid(it.logit + 2 * (it.frame["carrier"] == "EV")))
    rules = {part.rule for part in found.off}
    assert len(rules & {"carrier=EV", "airline=ev"}) == 1


def test_rows_whose_outcome_is_hard_to_know_are_not_weak_for_that() -> None:
    """A coin is thrown in `b`, and the model says so: no model could lose less."""
    generator = np.random.default_rng(4)
    frame = pd.DataFrame({"kind": generator.choice(["a", "b"], 4000)})
    sure = np.where(frame["kind"] == "a", 0.02, 0.5)
    truth = (generator.random(4000) < sure).astype(np.float64)
    beside = Reference(Against.BASELINE, "constant baseline", np.full(4000, 0.26))
    found = discover(PLAN, frame, truth, (sure, beside))
    assert found.found == ()


def test_where_nothing_is_weak_nothing_is_found_in_95_of_100() -> None:
    silent = 0
    for seed in range(100):
        it = World(1500, seed)
        plan = msgspec.structs.replace(PLAN, seed=seed)
        candidate = sigmoid(it.logit + np.random.default_rng(seed).normal(0, 0.1, 1500))
        silent += it.found(candidate, plan).found == ()
    assert silent >= 95


def test_what_was_picked_for_its_size_is_measured_without_bias() -> None:
    """Picks point to one side in the search; on the other half they are zero on average."""
    errors: list[float] = []
    for seed in range(60):
        it = World(1500, seed)
        plan = msgspec.structs.replace(PLAN, seed=seed)
        found = it.found(it.sure, plan, limits=Limits(sure=1.0))
        errors += [(-1) ** it.below * it.noise.center / it.noise.error for it in found.off]
    assert len(errors) > 100
    assert abs(np.mean(errors)) < 3 / len(errors) ** 0.5


def test_the_figures_are_of_rows_that_the_search_did_not_see() -> None:
    """With the other half made perfect, what the search picks is worth nothing there."""
    it = World()
    seen = np.random.default_rng(PLAN.seed).permutation(4000) < 2000
    candidate = sigmoid(it.logit + 2 * ((it.frame["carrier"] == "EV") & seen))
    found = it.found(candidate)
    assert found.off[0].rule == "carrier=EV"
    assert found.off[0] not in found.found
    assert found.rows == 2000


def test_rows_that_belong_together_are_on_one_side() -> None:
    it = World()
    groups = np.arange(4000) // 4
    found = it.found(sigmoid(it.logit + 2 * (it.frame["carrier"] == "EV")), groups=groups)
    assert found.rows % 4 == 0
    assert found.found[0].rule == "carrier=EV"


def test_groups_that_share_their_luck_make_no_finding() -> None:
    """Each customer has a tilt of its own: 20 of them say nothing of a country."""
    told = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        customer = generator.integers(0, 120, 3000)
        frame = pd.DataFrame({"country": np.array(list("abcd"))[customer % 4]})
        truth = generator.normal(0, 1, 120)[customer] + generator.normal(0, 0.2, 3000)
        beside = Reference(Against.BASELINE, "constant baseline", np.zeros(3000))
        plan = msgspec.structs.replace(PRICES, seed=seed)
        limits = Limits(groups=10)
        said = discover(
            plan, frame, truth, (np.zeros(3000), beside), groups=customer, limits=limits
        )
        told += said.found != ()
    assert told <= 5


def test_costs_decide_where_they_are_asked_for() -> None:
    it = World()
    plan = msgspec.structs.replace(PLAN, metric="cost")
    candidate = sigmoid(it.logit + 6 * (it.frame["carrier"] == "EV"))
    found = it.found(candidate, plan, costs=lambda said: 1.0 * ((said > 0.5) != (it.truth > 0)))
    assert found.loss == "cost"
    assert (found.worse[0].rule, found.worse[0] in found.found) == ("carrier=EV", True)
    assert found.worse[0].noise.center == pytest.approx(
        (found.worse[0].candidate or 0) - (found.worse[0].beside or 0)
    )


def test_a_metric_that_is_not_defined_in_a_slice_is_left_out() -> None:
    it = World()
    it.truth[it.frame["carrier"] == "EV"] = 0
    (first, *_) = it.found(it.sure).worse or it.found(it.sure * 0.9 + 0.05).worse
    assert first.candidate is None or first.rule != "carrier=EV"


def test_the_same_seed_finds_the_same() -> None:
    it = World()
    candidate = sigmoid(it.logit + 1.0 * (it.frame["carrier"] == "EV"))
    one, other = (it.found(candidate) for _ in range(2))
    assert msgspec.structs.replace(one, seconds=0) == msgspec.structs.replace(other, seconds=0)


def test_no_more_is_searched_than_allowed_and_the_record_says_so() -> None:
    it = World()
    found = it.found(it.sure, limits=Limits(slices=40, columns=3))
    assert found.searched <= 40
    assert (found.columns, found.left_out) == (3, 1)


def test_without_time_nothing_is_searched() -> None:
    it = World()
    found = it.found(it.sure, limits=Limits(seconds=0))
    assert (found.searched, found.columns, found.left_out, found.found) == (0, 0, 4, ())


@pytest.mark.parametrize("rows", [1, 2, 30, 150])
def test_few_rows_find_nothing(rows: int) -> None:
    generator = np.random.default_rng(1)
    frame = pd.DataFrame({"x": generator.normal(size=rows)})
    beside = Reference(Against.BASELINE, "constant baseline", np.zeros(rows))
    assert discover(PRICES, frame, np.ones(rows), (np.zeros(rows), beside)).found == ()


def test_predictions_that_cannot_be_judged_are_refused() -> None:
    it = World()
    with pytest.raises(EvaluationError, match="the candidate predicts NaN"):
        it.found(np.full(4000, np.nan))


def test_a_finding_points_where_the_search_saw_it() -> None:
    noise = Noise(center=-0.2, error=0.01)
    far = Weakness(rule="a=1", rows=100, candidate=0.1, beside=0.3, noise=noise)
    found = discovery(
        far, msgspec.structs.replace(far, below=True), rows=1000, searched=1, columns=1
    )
    assert found.found == found.off[1:]


ODD = st.lists(
    st.none() | st.floats() | st.integers() | st.text(max_size=3) | st.booleans(),
    min_size=300,
    max_size=300,
)


@settings(max_examples=25, deadline=None)
@given(one=ODD, other=st.lists(st.floats(), min_size=300, max_size=300), name=st.text(max_size=9))
def test_whatever_the_columns_hold_there_is_an_answer(
    one: list[Any], other: list[float], name: str
) -> None:
    it = World(300)
    it.frame = pd.DataFrame({name: pd.Series(one, dtype=object), "number": other})
    found = it.found(sigmoid(it.logit + 3), limits=Limits(smallest=10))
    assert msgspec.json.decode(msgspec.json.encode(found), type=Discovery) == found
