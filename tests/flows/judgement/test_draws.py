"""A review whose model asks for the recipes to be compared, over many trainings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.errors import ConfigError, RefusedError
from pennon.flows.assignment.assign import Ask as Promotion
from pennon.flows.promote import promote
from pennon.flows.register import Ask as Registration
from pennon.flows.register import register
from pennon.flows.review import Ask, review
from pennon.flows.world import World
from pennon.report import Kind
from shop import MODEL, improve, push, shop, write

GATES = """\
resamples: 200
gates:
  - {id: recipe, metric: roc_auc, superior: {draws: true}}
"""


@pytest.fixture
def here(tmp_path: Path) -> World:
    """v1.0.0 is champion; five draws are asked for."""
    found = shop(tmp_path / "world")
    text = (found.root / "pennon.yaml").read_text()
    write(found.root, "pennon.yaml", text.replace("    slices:", "    draws: 5\n    slices:"))
    write(found.root, "gates.yaml", GATES)
    push(found, "draws")
    register(found, Registration())
    promote(found, Promotion(model=MODEL))
    return found


def test_a_better_recipe_passes_and_the_report_says_over_how_many_trainings(here: World) -> None:
    improve(here)
    (found,) = review(here, Ask())
    assert found.kind is Kind.BETTER
    assert "over 5 trainings" in found.report
    assert "better&nbsp;than&nbsp;v1.0.0&nbsp;over&nbsp;draws" in found.report


def test_the_same_recipe_differs_by_nothing_from_itself(here: World) -> None:
    write(
        here.root, "src/shop/features.py", (here.root / "src/shop/features.py").read_text() + "\n"
    )
    push(here, "a blank line")
    (found,) = review(here, Ask())
    assert found.verdict
    assert found.verdict.results[0].difference == 0


def test_a_promotion_over_another_champion_trains_again(here: World) -> None:
    improve(here)
    register(here, Registration())
    write(here.root, "params.yaml", "churn: {columns: [spend]}\n")
    push(here, "only what they spend")
    register(here, Registration())  # beside v1.0.0
    promote(here, Promotion(model=MODEL, version="v1.1.0"))
    with pytest.raises(RefusedError, match="recipe"):
        promote(here, Promotion(model=MODEL, version="v1.2.0"))


def test_a_gate_on_draws_needs_them(here: World) -> None:
    text = (here.root / "pennon.yaml").read_text()
    write(here.root, "pennon.yaml", text.replace("    draws: 5\n", ""))
    with pytest.raises(ConfigError, match=r"models\.churn\.draws: missing; gate 'recipe' needs it"):
        here.config()
