"""Whatever a true comparison finds is believed, to the last digit."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pennon.config import Against, Task
from pennon.errors import EvaluationError
from pennon.evaluation import Evaluation, Noise, known
from pennon.evaluation.compare import Reference, constant_baseline, evaluate
from pennon.evaluation.foreign import AS_REPORTED, METHOD, Terms, believed
from pennon.evaluation.insight import Weakness
from pennon.evaluation.plan import Plan
from pennon.evaluation.records import BASELINE
from spots import discovery

METRIC = {Task.CLASSIFICATION: "roc_auc", Task.REGRESSION: "r2"}
ROWS = 400


def measured(task: Task, *, grouped: bool = False, champion: bool = True) -> Evaluation:
    """With every metric of the task, small slices, and slices of one class."""
    generator = np.random.default_rng(5)
    signal = generator.normal(0, 1, ROWS)
    truth = signal + generator.normal(0, 1, ROWS)
    ours, theirs = signal + generator.normal(0, 0.5, (2, ROWS))
    if task is Task.CLASSIFICATION:
        truth = (truth > 0.5).astype(np.float64)
        ours, theirs = 1 / (1 + np.exp(-ours)), 1 / (1 + np.exp(-theirs))
    references = [Reference(Against.CHAMPION, "v1.0.0", theirs)] if champion else []
    references += [Reference(Against.BASELINE, BASELINE, constant_baseline(truth, ROWS))]
    plan = Plan(
        model="churn",
        task=task,
        metric=METRIC[task],
        metrics=tuple(name for name in known(task) if name not in {"f1", "precision"}),
        resamples=200,
        holdout=f"sha256:{'ab' * 32}",
        looks=2.5,
    )
    slices = {"country": np.where(np.arange(ROWS) % 19, "DE", "FR"), "late": truth > 0}
    groups = np.arange(ROWS) // 5 if grouped else None
    return evaluate(plan, truth, ours, references=references, slices=slices, groups=groups)


def terms(task: Task, champion: str | None = "v1.0.0") -> Terms:
    return Terms(model="churn", task=task, metric=METRIC[task], champion=champion, confidence=0.95)


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("grouped", [False, True])
def test_what_was_measured_is_believed_as_it_is(task: Task, *, grouped: bool) -> None:
    found = measured(task, grouped=grouped)
    told = tuple(msgspec.structs.replace(it, method=METHOD) for it in found.comparisons)
    expected = msgspec.structs.replace(found, comparisons=told)
    sent = msgspec.json.decode(msgspec.json.encode(found), type=Evaluation)
    assert believed(sent, terms(task)) == expected


def searched(**changes: object) -> Evaluation:
    """With weak spots that a run says it has found."""
    it = Weakness(
        rule="a=1", rows=90, candidate=0.2, beside=0.3, noise=Noise(center=-0.1, error=0.01)
    )
    found = discovery(it, rows=200, searched=9, columns=2, confidence=0.5, method="believe me")
    found = msgspec.structs.replace(found, **changes)
    return msgspec.structs.replace(measured(Task.CLASSIFICATION), discovery=found)


def test_weak_spots_are_held_to_the_level_of_the_gates_and_told_in_our_words() -> None:
    found = believed(searched(), terms(Task.CLASSIFICATION)).discovery
    assert found
    assert (found.confidence, found.method) == (0.95, AS_REPORTED)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loss": "r2"}, "no loss"),
        ({"loss": "@everyone"}, "no loss"),
        ({"rows": 401}, "more rows"),
        ({"rows": 80}, "more rows"),
    ],
)
def test_weak_spots_that_cannot_be_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(EvaluationError, match=words):
        believed(searched(**changes), terms(Task.CLASSIFICATION))


def test_weak_spots_beside_nobody_we_know_are_left_out() -> None:
    found = believed(searched(against=Against.VERSION), terms(Task.CLASSIFICATION))
    assert found.discovery is None


@pytest.mark.parametrize("task", Task)
def test_a_first_model_is_believed_too(task: Task) -> None:
    found = measured(task, champion=False)
    assert believed(found, terms(task, None)).comparisons[0].name == BASELINE


def test_a_champion_where_there_is_none_is_not_believed() -> None:
    with pytest.raises(EvaluationError, match="there is none"):
        believed(measured(Task.REGRESSION), terms(Task.REGRESSION, None))
