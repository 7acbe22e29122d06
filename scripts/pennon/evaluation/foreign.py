"""What is believed of an evaluation that code of an outsider has written. Pure.

Only numbers are taken over, each held to what it can be; all else is put in from what we know: the
names, the directions, the intervals (from the standard errors, at the level of the gates), the
words on the method, the looks. So nothing that is shown can contradict what decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import isclose

import msgspec

from pennon.config import Against, Task
from pennon.errors import EvaluationError
from pennon.evaluation.estimate import Noise
from pennon.evaluation.insight import Discovery
from pennon.evaluation.names import METRICS, Metric, check
from pennon.evaluation.plain import LARGEST, sane
from pennon.evaluation.records import (
    BASELINE,
    Comparison,
    Confusion,
    Counts,
    Evaluation,
    Residuals,
    Scores,
    SliceScores,
)

METHOD = (
    "Intervals are made here, from the standard errors that the run reports. They cover the choice "
    "of rows, not the luck of one training."
)
AS_REPORTED = "As the run reports it."
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the trusted side knows of a model: of its base branch, and of the registry.

    `champion` is the version that holds the stage, if any; `named` are those that gates compare
    with by name, and `confidence` is that of the gates.
    """

    model: str
    task: Task
    metric: str
    champion: str | None
    confidence: float
    named: tuple[str, ...] = ()


def is_digest(text: str) -> bool:
    return bool(_DIGEST.fullmatch(text))


def believed(claimed: Evaluation, terms: Terms) -> Evaluation:
    """The evaluation made anew. Raises EvaluationError that says what cannot be.

    `looks` is as it was claimed: only the registry knows better.
    """
    sane(claimed, "evaluation")
    _of_this_model(claimed, terms)
    _rows(claimed)
    _confusion(claimed)
    _residuals(claimed)
    _draws(claimed, terms)
    fairness, importance = claimed.fairness, claimed.importance
    _require(not importance or importance.metric in METRICS, "features were weighed by no metric")
    return msgspec.structs.replace(
        claimed,
        comparisons=tuple(_comparisons(claimed, terms)),
        fairness=fairness and msgspec.structs.replace(fairness, method=AS_REPORTED),
        importance=importance and msgspec.structs.replace(importance, method=AS_REPORTED),
        discovery=claimed.discovery and _discovery(claimed.discovery, claimed, terms),
        footprint=None,  # a review has none: there is no artifact yet
        explanation=None,  # no comment shows it
    )


def _require(sound: object, what: str) -> None:
    if not sound:
        raise EvaluationError(what)


def _of_this_model(it: Evaluation, terms: Terms) -> None:
    _require(it.model == terms.model, "the numbers are of another model")
    _require(it.task is terms.task, f"the base branch calls this model a {terms.task}")
    known = check(terms.metric, terms.task).name
    _require(it.metric == known, f"the base branch decides by {known}, and the run by another one")


def _rows(it: Evaluation) -> None:
    _require(it.rows > 0, "no row was judged")
    _require(0 < it.threshold < 1, "the threshold is no probability")
    _require(not it.holdout or is_digest(it.holdout), "the holdout has no digest")
    _require((it.looks > 0) <= bool(it.holdout), "rows were looked at that are not sealed")
    classifies = it.task is Task.CLASSIFICATION
    _require(classifies == (it.positive_rate is not None), "the positive rate is missing or extra")
    _require(0 <= (it.positive_rate or 0) <= 1, "the positive rate is no share")
    names = Counter(
        (part.against, part.name if part.against is Against.VERSION else "")
        for part in it.comparisons
    )
    _require(set(names.values()) <= {1}, "a reference was compared with twice")
    _require(it.against(Against.BASELINE), "nothing was compared with the baseline")


def _comparisons(it: Evaluation, terms: Terms) -> Iterator[Comparison]:
    for comparison in it.comparisons:
        _require(comparison.rows == it.rows, "the counts of rows contradict each other")
        _require(comparison.score(it.metric), f"there is no {it.metric}")
        _require(_same(comparison, it.comparisons[0]), "two candidates were scored")
        yield msgspec.structs.replace(
            comparison,
            name=_reference(comparison, terms),
            method=METHOD,
            confidence=terms.confidence,
            scores=tuple(_scores(comparison.scores, terms)),
            slices=tuple(_slices(comparison, terms)),
        )


def _reference(comparison: Comparison, terms: Terms) -> str:
    if comparison.against is Against.BASELINE:
        return BASELINE
    if comparison.against is Against.VERSION:
        _require(comparison.name in terms.named, "no gate compares with one of the versions")
        return comparison.name
    if terms.champion is None or comparison.name != terms.champion:
        holder = f"{terms.champion} holds the stage" if terms.champion else "there is none"
        raise EvaluationError(
            f"the run did not compare with the champion: {holder}", hint="run the review again"
        )
    return terms.champion


def _same(one: Comparison, other: Comparison) -> bool:
    """The candidate is the same beside every reference."""
    values = [{it.metric: it.candidate for it in found.scores} for found in (one, other)]
    return values[0] == values[1]


def _slices(comparison: Comparison, terms: Terms) -> Iterator[SliceScores]:
    total: Counter[str] = Counter()
    seen: set[str] = set()
    for part in comparison.slices:
        total[part.column] += part.rows
        _require(part.name not in seen, "a slice is there twice")
        _require(total[part.column] <= comparison.rows, "slices have more rows than were judged")
        seen.add(part.name)
        yield msgspec.structs.replace(part, scores=tuple(_scores(part.scores, terms)))


def _scores(found: tuple[Scores, ...], terms: Terms) -> Iterator[Scores]:
    seen: set[str] = set()
    for it in found:
        metric = METRICS.get(it.metric)
        if metric is None or metric.task not in {terms.task, None}:
            raise EvaluationError(f"there is a metric that cannot score a {terms.task}")
        _require(metric.name not in seen, "a metric is there twice")
        seen.add(metric.name)
        yield _score(it, metric, terms.confidence)


def _score(it: Scores, metric: Metric, confidence: float) -> Scores:
    for value in (it.candidate, it.reference):
        _require(metric.least <= value <= metric.most, f"{metric.name} cannot be {value:g}")
    _require(0 <= (1.0 if it.p_value is None else it.p_value) <= 1, "a p-value is no probability")
    _noise(it.own)
    _noise(it.noise)
    own_low, own_high = _interval(it.own, confidence)
    low, high = _interval(it.noise, confidence)
    return msgspec.structs.replace(
        it,
        greater_is_better=metric.greater_is_better,
        difference=it.candidate - it.reference,
        candidate_low=max(own_low, metric.least),
        candidate_high=min(own_high, metric.most),
        low=low,
        high=high,
    )


def _noise(noise: Noise) -> None:
    _require(noise.error >= 0, "a standard error is negative")
    _require(noise.df is None or noise.df > 0, "there are no degrees of freedom")


def _interval(noise: Noise, confidence: float) -> tuple[float, float]:
    low, high = noise.interval(confidence)
    _require(max(abs(low), abs(high)) <= LARGEST, "an interval has no end")
    return low, high


def _discovery(found: Discovery, it: Evaluation, terms: Terms) -> Discovery | None:
    """None where it is beside somebody whom the candidate was not compared with."""
    if it.against(found.against) is None:
        return None
    loss = METRICS.get(found.loss)
    _require(loss and loss.task in {terms.task, None}, "slices were searched by no loss we know")
    _require(found.rows <= it.rows, "a half has more rows than were judged")
    for weakness in (*found.off, *found.worse):
        _require(weakness.rows <= found.rows, "a slice has more rows than were judged")
        _noise(weakness.noise)
        _interval(weakness.noise, terms.confidence)
    return msgspec.structs.replace(found, method=AS_REPORTED, confidence=terms.confidence)


def _confusion(it: Evaluation) -> None:
    found: Confusion | None = it.confusion
    if found is None:
        return
    _require(it.task is Task.CLASSIFICATION, "a regression has no confusion matrix")
    for counts in (found.candidate, found.champion or found.candidate):
        _require(_total(counts) == it.rows, "the confusion matrix has other rows than were judged")
        rate = (counts.true_positive + counts.false_negative) / it.rows
        _require(isclose(rate, it.positive_rate or 0, abs_tol=1e-9), "the positive rate is another")


def _total(it: Counts) -> int:
    return it.true_negative + it.false_positive + it.false_negative + it.true_positive


def _residuals(it: Evaluation) -> None:
    found: Residuals | None = it.residuals
    if found is None:
        return
    _require(it.task is Task.REGRESSION, "a classification has no residuals")
    lines = (found.candidate, found.champion or found.candidate)
    sizes = {len(found.quantiles), *map(len, lines)}
    _require(len(sizes) == 1 and 0 not in sizes, "residuals do not fit their quantiles")
    _require(all(0 < q < 1 for q in found.quantiles), "a quantile is no probability")
    rising = all(a <= b for line in (found.quantiles, *lines) for a, b in pairwise(line))
    _require(rising, "quantiles do not rise")


def _draws(it: Evaluation, terms: Terms) -> None:
    """Two recipes over many trainings: of the decision metric, beside the champion's."""
    found = it.draws
    if found is None:
        return
    metric = check(terms.metric, terms.task)
    _require(found.metric == metric.name, "the draws are scored by another metric")
    _require(found.against == terms.champion, "the draws are not beside the champion's")
    _require(min(found.times - 1, found.train_rows, found.test_rows) > 0, "the draws are empty")
    _require(found.noise.df == found.times - 1, "the draws have other degrees of freedom")
    _require(found.noise.error >= 0, "a standard error is negative")
    for value in (found.candidate, found.reference):
        _require(metric.least <= value <= metric.most, f"{metric.name} cannot be {value:g}")
    told = found.candidate - found.reference
    _require(isclose(told, found.noise.center, abs_tol=1e-9), "the draws contradict themselves")
