"""A candidate besides its metrics: fairness, importance, probes, footprint. Records only, light.

Gates read them in a promotion, which has no ML stack; `fairness`, `importance`, `probes` and
`artifacts.footprint` fill them.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pennon.evaluation.estimate import Noise


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A number and its interval, in the unit of the number."""

    value: float
    low: float
    high: float


RATES = {
    "selection_rate": "Selection rate",
    "true_positive_rate": "True positive rate",
    "false_positive_rate": "False positive rate",
    "equalized_odds": "Equalized odds",
    "mean_error": "Mean error",
    "mean_absolute_error": "Mean absolute error",
}
"""What is known of a group, by name; equalized odds are only known between groups."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """One rate of a group: a share of `rows`, or the mean of an error over them."""

    name: str
    rows: int
    estimate: Estimate


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The rows where a sensitive column has one value; `why` tells why there are no rates."""

    name: str
    rows: int
    rates: tuple[Rate, ...] = ()
    why: str = ""

    def rate(self, name: str) -> Estimate | None:
        return next((rate.estimate for rate in self.rates if rate.name == name), None)


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """One rate between groups: largest minus smallest, and smallest over largest.

    For equalized odds that of the true or of the false positive rate, whichever is worse. There is
    no ratio of errors that can be negative, nor where the largest rate is zero.
    """

    rate: str
    difference: Estimate
    ratio: Estimate | None
    smallest: str
    largest: str


class Sensitive(msgspec.Struct, frozen=True, kw_only=True):
    """The groups of one column, the commonest first; `left_out` counts values beyond those."""

    column: str
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    left_out: int = 0

    def gap(self, rate: str) -> Gap | None:
        return next((gap for gap in self.gaps if gap.rate == rate), None)


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """Each interval has `confidence` by itself; groups of fewer than `smallest` rows are unjudged.

    `threshold` turned probabilities into decisions; none for a regression.
    """

    confidence: float
    smallest: int
    threshold: float | None
    method: str
    columns: tuple[Sensitive, ...]

    def column(self, name: str) -> Sensitive | None:
        return next((found for found in self.columns if found.column == name), None)


class FeatureImportance(msgspec.Struct, frozen=True, kw_only=True):
    """What is lost when a column is shuffled, in the metric's unit: more is more important.

    `before` is the champion's, as it was stored with it.
    """

    name: str
    importance: Estimate
    before: Estimate | None = None

    @property
    def moved(self) -> int:
        """1 for more, -1 for less than the champion's, where the two intervals have no overlap."""
        if self.before is None:
            return 0
        return (self.importance.low > self.before.high) - (self.importance.high < self.before.low)


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """Permutation importance, the most important column first.

    `rows` were looked at and each column shuffled `repeats` times, which took `seconds` of the
    `budget`. `left_out` are columns that were not looked at closely: too many, or no time left.
    """

    metric: str
    value: float
    rows: int
    repeats: int
    seed: int
    seconds: float
    budget: float
    confidence: float
    method: str
    features: tuple[FeatureImportance, ...]
    left_out: tuple[str, ...] = ()


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a probe found: where, how much of what, and what that means in words."""

    where: str
    value: float
    what: str


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of leak that was looked for.

    `looked` counts the columns or rows that were looked at, and `value` is the largest that was
    seen of what `limit` bounds. `why` tells why it could not be looked for.
    """

    name: str
    looked: int
    value: float
    limit: float
    leaks: tuple[Leak, ...] = ()
    why: str = ""


class Probes(msgspec.Struct, frozen=True, kw_only=True):
    """All kinds of leaks that were looked for, found or not."""

    seconds: float
    probes: tuple[Probe, ...]

    @property
    def leaks(self) -> tuple[tuple[Probe, Leak], ...]:
        return tuple((probe, leak) for probe in self.probes for leak in probe.leaks)


class Draws(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of two recipes that were trained `times` times on other draws of the rows.

    Means over the draws, and the noise of their difference, the luck of training included. Rows of
    one draw; none of them sealed.
    """

    metric: str
    against: str
    times: int
    train_rows: int
    test_rows: int
    candidate: float
    reference: float
    noise: Noise


class Quantity(msgspec.Struct, frozen=True):
    """Something that a footprint measures, in bytes or seconds; less is better."""

    name: str
    label: str
    unit: str


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity("size", "Artifact size", "bytes"),
        Quantity("load", "Load time", "seconds"),
        Quantity("latency_median", "Median latency, 1 row", "seconds"),
        Quantity("latency_p95", "p95 latency, 1 row", "seconds"),
        Quantity("processor", "Processor time, 1 row", "seconds"),
        Quantity("memory", "Peak memory of the process", "bytes"),
        Quantity("memory_model", "Peak memory beyond the libraries", "bytes"),
    )
}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity of both models; none where it could not be measured."""

    quantity: str
    candidate: float | None
    champion: float | None = None


class Footprint(msgspec.Struct, frozen=True, kw_only=True):
    """What it costs to run the candidate, beside the champion in the same job.

    `added` are libraries (`name==version`) of the candidate's lock whose name the champion's has
    not; none where there is no champion.
    """

    figures: tuple[Figure, ...]
    method: str
    added: tuple[str, ...] = ()

    def figure(self, quantity: str) -> Figure | None:
        return next((found for found in self.figures if found.quantity == quantity), None)


def figures(
    candidate: Mapping[str, float | None], champion: Mapping[str, float | None] | None = None
) -> tuple[Figure, ...]:
    """Both measurements side by side, in the order of QUANTITIES."""
    theirs = champion or {}
    return tuple(
        Figure(quantity=name, candidate=candidate[name], champion=theirs.get(name))
        for name in QUANTITIES
        if name in candidate
    )
