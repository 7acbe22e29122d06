"""What gates can ask of a candidate besides its metrics, by name: fairness and footprint. Light."""

from __future__ import annotations

from math import inf
from statistics import NormalDist

from pennon.config import Against, Gate
from pennon.errors import ConfigError
from pennon.evaluation.aspects import RATES, Draws, Estimate
from pennon.evaluation.estimate import Noise
from pennon.evaluation.names import Metric
from pennon.evaluation.names import metric as metric_of
from pennon.evaluation.records import Evaluation, Method, Scores

_MILLION, _THOUSANDTH = 1e6, 1e-3
COSTS = {
    "artifact_megabytes": ("size", _MILLION, "Artifact, MB"),
    "load_milliseconds": ("load", _THOUSANDTH, "Load time, ms"),
    "latency_milliseconds": ("latency_median", _THOUSANDTH, "Median latency of a row, ms"),
    "latency_p95_milliseconds": ("latency_p95", _THOUSANDTH, "p95 latency of a row, ms"),
    "processor_milliseconds": ("processor", _THOUSANDTH, "Processor time of a row, ms"),
    "memory_megabytes": ("memory", _MILLION, "Peak memory, MB"),
    "model_megabytes": ("memory_model", _MILLION, "Peak memory of the model, MB"),
}
"""Gate's name -> the quantity of a footprint, what it is divided by, how it is called."""
LIBRARIES = "added_libraries"


def _metric(name: str, label: str, *, greater_is_better: bool = False, most: float = inf) -> Metric:
    return Metric(name, None, label, greater_is_better=greater_is_better, most=most)


QUALITIES = {
    metric.name: metric
    for metric in (
        *(_metric(f"{rate}_gap", f"{label}: gap", most=1.0) for rate, label in RATES.items()),
        *(
            _metric(f"{rate}_ratio", f"{label}: ratio", greater_is_better=True, most=1.0)
            for rate, label in RATES.items()
        ),
        *(_metric(name, label) for name, (_, _, label) in COSTS.items()),
        _metric(LIBRARIES, "Added libraries"),
    )
}


def is_cost(name: str) -> bool:
    """Of the artifact, which a review has not: its registration will decide."""
    return name in COSTS or name == LIBRARIES


def may_ask(gate: Gate) -> bool:
    """Is its rule one for this quality? Only what a model costs can be compared: with the champion.

    The champion's groups are not looked at, and a constant costs nothing.
    """
    if gate.against is None:
        return True
    return gate.metric in COSTS and gate.against is Against.CHAMPION


def refuse_rule(gate: Gate) -> None:
    """Raises ConfigError for a rule that this quality has not."""
    if not may_ask(gate):
        raise ConfigError(
            f"gates.yaml: gate {gate.id!r} compares {gate.metric} with the {gate.than}",
            hint="min and max are the rules for it",
        )


def quality(gate: Gate, evaluation: Evaluation) -> Scores:
    """The candidate's value as scores, beside the champion's where the rule compares.

    Raises ConfigError for what was not measured.
    """
    name = gate.metric
    value, noise = _cost(gate, evaluation) or _between_groups(gate, name, evaluation)
    theirs = _champions(gate, evaluation) if gate.against else value
    low, high = noise.interval(0.95)
    return Scores(
        metric=name,
        greater_is_better=QUALITIES[name].greater_is_better,
        candidate=value,
        candidate_low=low,
        candidate_high=high,
        reference=theirs,
        difference=value - theirs,
        low=value - theirs,
        high=value - theirs,
        own=noise,
        noise=noise if gate.against is None else Noise(center=value - theirs, error=0.0),
    )


def draws_of(gate: Gate, evaluation: Evaluation) -> Draws:
    """The decision metric of both recipes over many trainings. Raises ConfigError without them."""
    found = evaluation.draws
    if found is None:
        raise ConfigError(
            f"gates.yaml: gate {gate.id!r} asks for draws, which were not measured",
            hint="`draws` in pennon.yaml says how many",
        )
    return found


def scores_of(it: Draws) -> Scores:
    """As scores: the interval of the difference covers the luck of training."""
    low, high = it.noise.interval(0.95)
    return Scores(
        metric=it.metric,
        greater_is_better=metric_of(it.metric).greater_is_better,
        candidate=it.candidate,
        candidate_low=it.candidate,
        candidate_high=it.candidate,
        reference=it.reference,
        difference=it.noise.center,
        low=low,
        high=high,
        own=Noise(center=it.candidate, error=0.0),
        noise=it.noise,
        method=Method.DRAWS,
    )


def _cost(gate: Gate, evaluation: Evaluation) -> tuple[float, Noise] | None:
    """Measured in one process: what noise it has is the machine's."""
    name, found = gate.metric, evaluation.footprint
    if not is_cost(name):
        return None
    if name == LIBRARIES:
        value = None if found is None else float(len(found.added))
    else:
        figure = found.figure(COSTS[name][0]) if found else None
        value = _in_units(name, figure.candidate if figure else None)
    if value is None:
        raise ConfigError(f"gates.yaml asks for {name}, which was not measured")
    return value, Noise(center=value, error=0.0)


def _champions(gate: Gate, evaluation: Evaluation) -> float:
    found = evaluation.footprint
    figure = found.figure(COSTS[gate.metric][0]) if found else None
    value = _in_units(gate.metric, figure.champion if figure else None)
    if value is None:
        raise ConfigError(
            f"gates.yaml: gate {gate.id!r} asks for the champion's {gate.metric}, "
            "which could not be measured",
            hint="register again where the champion can be loaded",
        )
    return value


def _in_units(name: str, value: float | None) -> float | None:
    return None if value is None else value / COSTS[name][1]


def _between_groups(gate: Gate, name: str, evaluation: Evaluation) -> tuple[float, Noise]:
    rate, _, kind = name.rpartition("_")
    found = evaluation.fairness
    column = found.column(gate.slice) if found and gate.slice else None
    gap = column.gap(rate) if column else None
    estimate = None if gap is None else gap.difference if kind == "gap" else gap.ratio
    if found is None or estimate is None:
        raise ConfigError(
            f"gates.yaml: gate {gate.id!r} asks for {name} of {gate.slice or 'no column'}, "
            "which was not measured",
            hint="`slice` has to name a column of `sensitive` in pennon.yaml",
        )
    return estimate.value, _noise(estimate, found.confidence)


def _noise(estimate: Estimate, confidence: float) -> Noise:
    half = (estimate.high - estimate.low) / 2
    error = half / NormalDist().inv_cdf((1 + confidence) / 2)
    return Noise(center=(estimate.low + estimate.high) / 2, error=error)
