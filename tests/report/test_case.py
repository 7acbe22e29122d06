"""Rows of what gates ask besides metrics."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pennon.config import Against, Gate, Gates, NotWorse, Task
from pennon.evaluation import decide
from pennon.evaluation.aspects import Figure, Footprint
from pennon.evaluation.compare import Reference, evaluate
from pennon.evaluation.plan import Plan
from pennon.report.case import Case
from pennon.report.view import Facts, Mark, Run
from pennon.report.words import gate_page

FAST = Gate(id="fast", metric="latency_p95_milliseconds", not_worse=NotWorse(margin=3))


def registered(champion: float | None) -> Case:
    """A model whose slowest calls take 2 ms, beside a champion whose take `champion` seconds."""
    generator = np.random.default_rng(0)
    truth = (generator.random(100) < 0.5).astype(np.float64)
    references = [Reference(Against.BASELINE, "constant baseline", np.full(100, 0.5))]
    if champion is not None:
        references.insert(0, Reference(Against.CHAMPION, "v1.0.0", generator.random(100)))
    plan = Plan(model="m", task=Task.CLASSIFICATION, metric="roc_auc")
    found = evaluate(plan, truth, generator.random(100), references=references)
    figure = Figure(quantity="latency_p95", candidate=0.002, champion=champion)
    footprint = Footprint(figures=(figure,), method="test")
    found = msgspec.structs.replace(found, footprint=footprint)
    verdict = decide(found, Gates(gates=(FAST,)), None if champion is None else "v1.0.0")
    return Case(found, verdict, {"fast": FAST})


def test_a_cost_is_shown_beside_the_champions_without_an_interval() -> None:
    (row,) = registered(0.0).qualities()
    assert (row.scores.reference, row.scores.candidate, row.scores.difference) == (0, 2, 2)
    assert (row.scores.candidate_low, row.scores.candidate_high) == (2, 2)
    assert (row.alone, row.once, row.mark) == (False, True, Mark.NOISE)


def test_a_cost_that_waits_for_a_champion_is_not_said_to_be_measured_later() -> None:
    counted = registered(None).counted()
    assert (counted["waiting"], counted["later"]) == (("fast",), ())


@pytest.mark.parametrize(
    ("page", "run", "address"),
    [
        ("docs/gates.md", "https://github.com/a/b/actions/runs/7", "blob/c0ffee/docs/gates.md"),
        ("docs/gates.md", "", ""),
        ("docs/gates.md", "https://github.com/a/b/somewhere", ""),
        ("https://acme.example/gates", "", "https://acme.example/gates"),
        ("", "https://github.com/a/b/actions/runs/7", ""),
    ],
)
def test_a_gates_page_is_that_of_the_commit_whose_gates_decide(
    page: str, run: str, address: str
) -> None:
    facts = Facts(model="m", run=Run(id=7, url=run), head="beef", base="c0ffee")
    found = gate_page(facts, page)
    assert found.removeprefix("https://github.com/a/b/") == address
