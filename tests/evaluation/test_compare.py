from __future__ import annotations

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from pennon.config import Against, Task
from pennon.errors import EvaluationError
from pennon.evaluation import Evaluation, Scores
from pennon.evaluation.compare import Reference, constant_baseline, evaluate
from pennon.evaluation.paired import scores_beside
from pennon.evaluation.plan import Plan

Numbers = NDArray[np.float64]
PLAN = Plan(model="churn", task=Task.CLASSIFICATION, metric="roc_auc", metrics=("log_loss",))


def rows(n: int = 2000, seed: int = 1, noise: float = 1.0) -> tuple[Numbers, Numbers]:
    """A truth and probabilities that know something of it."""
    generator = np.random.default_rng(seed)
    truth = (generator.random(n) < 0.3).astype(np.float64)
    score = truth + generator.normal(0, noise, n)
    return truth, 1 / (1 + np.exp(-score))


def compared(candidate: Numbers, champion: Numbers, truth: Numbers, **more: object) -> Evaluation:
    references = [Reference(Against.CHAMPION, "v1.0.0", champion)]
    return evaluate(PLAN, truth, candidate, references=references, **more)  # type: ignore[arg-type]  # by the test


def paired_scores(plan: Plan, truth: Numbers, pair: tuple[Numbers, Numbers]) -> tuple[Scores, ...]:
    return scores_beside(plan, plan.names, truth, pair, confidence=0.95)[0]


def test_a_clearly_better_candidate_has_an_interval_above_zero() -> None:
    truth, good = rows(noise=0.5)
    _, bad = rows(noise=3.0)
    scores = compared(good, bad, truth).comparisons[0].scores
    assert [s.metric for s in scores] == ["roc_auc", "log_loss"]
    assert all(s.improvement_low > 0 for s in scores)


def test_a_model_compared_with_itself_differs_by_nothing() -> None:
    truth, same = rows()
    scores = compared(same, same, truth).comparisons[0].scores[0]
    assert (scores.difference, scores.low, scores.high) == (0, 0, 0)


def test_the_same_seed_gives_the_same_interval() -> None:
    truth, one = rows()
    _, other = rows(seed=2)
    assert compared(one, other, truth) == compared(one, other, truth)


def test_memory_blocks_do_not_change_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, one = rows(300)
    _, other = rows(300, seed=2)
    whole = paired_scores(PLAN, truth, (one, other))
    monkeypatch.setattr("pennon.evaluation.bootstrap.CELLS", 300 * 7)
    assert paired_scores(PLAN, truth, (one, other)) == whole


def test_an_evaluation_survives_its_json() -> None:
    truth, one = rows()
    found = compared(one, one, truth, slices={"country": np.where(truth > 0, "DE", "FR")})
    again = msgspec.json.decode(msgspec.json.encode(found), type=Evaluation)
    assert again == found


def test_a_weak_slice_shows_while_the_whole_looks_fine() -> None:
    truth, champion = rows(4000)
    country = np.where(np.arange(4000) % 4 == 0, "DE", "FR")
    candidate = np.where(country == "DE", 1 - champion, champion * 0.5 + truth * 0.4)
    found = compared(candidate, champion, truth, slices={"country": country}).comparisons[0]
    german = next(s for s in found.slices if s.value == "DE").scores[0]
    assert found.scores[0].improvement > 0 > german.improvement_high


@pytest.mark.parametrize(
    ("values", "why"), [("tiny", "fewer than 30 rows"), ("pure", "one class only")]
)
def test_a_slice_that_cannot_be_judged_says_why(values: str, why: str) -> None:
    truth, one = rows()
    names = np.full(truth.size, "rest", dtype=object)
    names[np.flatnonzero(truth == 0)[: 10 if values == "tiny" else 50]] = "odd"
    found = compared(one, one, truth, slices={"s": names}).comparisons[0].slices
    odd = next(part for part in found if part.value == "odd")
    assert (odd.scores, odd.why) == ((), why)


def test_the_confusion_counts_every_row_once() -> None:
    truth, one = rows()
    confusion = compared(one, one, truth).confusion
    assert confusion is not None
    assert sum(msgspec.structs.astuple(confusion.candidate)) == truth.size
    assert confusion.champion == confusion.candidate


def test_regression_has_residuals_and_a_mean_as_baseline() -> None:
    generator = np.random.default_rng(3)
    truth = generator.normal(10, 2, 500)
    plan = Plan(model="m", task=Task.REGRESSION, metric="mean_absolute_error", metrics=("r2",))
    constant = constant_baseline(truth, 500)
    baseline = [Reference(Against.BASELINE, "constant baseline", constant)]
    found = evaluate(plan, truth, truth + 0.1, references=baseline)
    assert found.residuals is not None
    assert found.residuals.candidate == pytest.approx((0.1,) * 5)
    assert found.comparisons[0].scores[0].improvement_low > 1


@pytest.mark.parametrize(
    ("truth", "candidate", "words"),
    [
        ([], [], "the holdout has no rows"),
        ([1, 1, 1], [0.1, 0.2, 0.3], "one class only"),
        ([0, 1, 2], [0.1, 0.2, 0.3], "binary classifiers"),
        ([0, 1, np.nan], [0.1, 0.2, 0.3], "empty values"),
        ([0, 1, 1], [0.1, np.nan, np.inf], "NaN or infinity for 2 of 3 rows"),
        ([0, 1, 1], [0.1, 0.2, 1.3], "probabilities from 0.1 to 1.3"),
        ([0, 1, 1], [0.1, 0.2], r"2,\) predictions for 3 rows"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_its_reason(
    truth: list[float], candidate: list[float], words: str
) -> None:
    with pytest.raises(EvaluationError, match=words):
        compared(np.array(candidate), np.array(candidate), np.array(truth, dtype=float))


def test_alike_models_are_seldom_called_different() -> None:
    """300 pairs of equally good models; at 95 % about 15 may differ, 27 is 3 sigma above."""
    alarms = 0
    for seed in range(300):
        truth, one = rows(400, seed=seed)
        noise = np.random.default_rng(seed + 9999).normal(0, 0.3, (2, truth.size))
        left, right = (1 / (1 + np.exp(-(np.log(one / (1 - one)) + n))) for n in noise)
        scores = paired_scores(PLAN, truth, (left, right))[0]
        alarms += not scores.low <= 0 <= scores.high
    assert 3 <= alarms <= 27
