"""What gates can ask of a candidate besides its metrics, by name: fairness and footprint. Light."""

from __future__ import annotations

from math import inf
from statistics import NormalDist

from pennon.config import Gate
from pennon.errors import ConfigError
from pennon.evaluation.aspects import RATES, Estimate
from pennon.evaluation.estimate import Noise
from pennon.evaluation.names import Metric
from pennon.evaluation.records import Evaluation, Scores

_MILLION, _THOUSANDTH = 1e6, 1e-3
_COSTS = {
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
        *(_metric(name, label) for name, (_, _, label) in _COSTS.items()),
        _metric(LIBRARIES, "Added libraries"),
    )
}


def is_cost(name: str) -> bool:
    """Of the artifact, which a review has not: its registration will decide."""
    return name in _COSTS or name == LIBRARIES


def quality(gate: Gate, name: str, evaluation: Evaluation) -> Scores:
    """The candidate's value as scores without a reference.

    Raises ConfigError for a rule that compares, and for what was not measured.
    """
    if gate.min is None and gate.max is None:
        raise ConfigError(
            f"gates.yaml: gate {gate.id!r} compares {name}",
            hint="min and max are the rules for what is no metric",
        )
    metric = QUALITIES[name]
    value, noise = _cost(name, evaluation) or _between_groups(gate, name, evaluation)
    low, high = noise.interval(0.95)
    return Scores(
        metric=name,
        greater_is_better=metric.greater_is_better,
        candidate=value,
        candidate_low=low,
        candidate_high=high,
        reference=value,
        difference=0.0,
        low=0.0,
        high=0.0,
        own=noise,
        noise=noise,
    )


def _cost(name: str, evaluation: Evaluation) -> tuple[float, Noise] | None:
    """Measured in one process: what noise it has is the machine's."""
    found = evaluation.footprint
    value: float | None = None
    if name == LIBRARIES:
        value = None if found is None else float(len(found.added))
    elif name in _COSTS:
        quantity, unit, _ = _COSTS[name]
        figure = found.figure(quantity) if found else None
        value = figure.candidate / unit if figure and figure.candidate is not None else None
    else:
        return None
    if value is None:
        raise ConfigError(f"gates.yaml asks for {name}, which was not measured")
    return value, Noise(center=value, error=0.0)


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
