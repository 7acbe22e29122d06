"""The sentence on the engine, in the card and in the release notes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pennon.registry import Engine
from pennon.report.render import render_markdown

ONNX: dict[str, object] = {
    "kind": "onnx",
    "file": "model.onnx",
    "rows": 4507,
    "difference": 2.2e-16,
    "seconds": 4e-5,
    "exact_seconds": 0.0026,
}
SAME = "on 4\u202f507 sealed rows the two differ by at most 2e−16"


def sentence(facts: dict[str, object], task: str = "classification") -> str:
    engine = Engine(**facts)  # type: ignore[arg-type]  # any field
    view = SimpleNamespace(manifest=SimpleNamespace(task=task, engine=engine))
    return render_markdown("engine.md.j2", view=view).strip()


def test_a_compiled_form_is_told_with_its_proof() -> None:
    found = sentence({**ONNX, "rowwise": True})
    assert "one row's features in 0.04\u202fms, by scikit-learn in 2.6\u202fms" in found
    assert found.endswith(f"{SAME}, and 0 answers change sides.")


def test_of_a_value_the_difference_is_in_units_of_the_target() -> None:
    found = sentence({**ONNX, "rowwise": True}, "regression")
    assert found.endswith(f"{SAME} standard deviations of the target.")


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "Scored by scikit-learn itself."),
        ({"kind": "command"}, "Scored by its own command."),
        ({"why": "no skl2onnx", "rowwise": True}, "Scored by scikit-learn itself: `no skl2onnx`."),
    ],
)
def test_what_is_not_compiled_says_why(facts: dict[str, object], text: str) -> None:
    assert sentence(facts) == text


def test_a_row_that_hangs_on_its_neighbours_is_told() -> None:
    assert sentence(ONNX).endswith("rows of several requests are never scored together.")
