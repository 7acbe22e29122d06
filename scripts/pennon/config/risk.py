"""What the risk of a use case asks of the rest of the configuration. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pennon.config.intake import Risk
from pennon.config.parse import Problem
from pennon.config.principles import PRINCIPLES
from pennon.config.project import Promotion
from pennon.config.whole import GATES, PROJECT, Config


def missing(risk: Risk | None, config: Config) -> Iterator[Problem]:
    """Each thing that the risk asks for and that is not there, at the key that would give it.

    Medium asks for an approval; high also for the names of those who may give it, for promotions
    by hand, and for each model for a gate on a part of the rows and for a principle.
    """
    if risk in (None, Risk.LOW):
        return
    because = f"the risk is {risk}:"
    if config.gates.approvals.needed < 1:
        what = f"{because} somebody has to approve a version (needed: 1)"
        yield Problem(GATES, "approvals.needed", what)
    if risk is Risk.HIGH:
        yield from _of_high(because, config)


def _of_high(because: str, config: Config) -> Iterator[Problem]:
    if not config.gates.approvals.by:
        what = f"{because} name the people whose approval counts, by their logins"
        yield Problem(GATES, "approvals.by", what)
    for name, model in config.project.models.items():
        if model.promotion is not Promotion.MANUAL:
            what = f"{because} a person starts the promotion (promotion: manual)"
            yield Problem(PROJECT, f"models.{name}.promotion", what)
        if not any(gate.slice for gate in config.gates.of(name)):
            what = f"{because} {name} needs a gate on a slice, or on fairness between groups"
            yield Problem(GATES, "gates", what)
        if not config.principles.of(name):
            what = f"{because} {name} needs a principle, and something that keeps it"
            yield Problem(PRINCIPLES, "principles", what)
