"""What the risk of a use case asks of the other files."""

from __future__ import annotations

import pytest

from pennon.config import load
from pennon.config.intake import Risk
from pennon.config.risk import missing
from shop import FILES

GATES = FILES["gates.yaml"].replace("gates:\n", "approvals: {needed: 1, by: [vera]}\ngates:\n", 1)
GATES += "  - {id: alike, metric: roc_auc, slice: country, min: 0.6}\n"
WHOLE = FILES | {
    "gates.yaml": GATES,
    "pennon.yaml": FILES["pennon.yaml"].replace("automatic", "manual"),
    "principles.yaml": "principles: [{id: a, title: A, owner: o, gates: [better]}]\n",
}


def asked(risk: Risk | None, **texts: str) -> list[str]:
    files = WHOLE | {f"{name}.yaml": text for name, text in texts.items()}
    return [str(it) for it in missing(risk, load(files.get))]


def before(found: list[str]) -> list[str]:
    """The files and key paths."""
    return [": ".join(line.split(": ")[:2]) for line in found]


@pytest.mark.parametrize("risk", [None, *Risk])
def test_where_all_is_there_nothing_is_missing(risk: Risk | None) -> None:
    assert asked(risk) == []


@pytest.mark.parametrize("risk", [None, Risk.LOW])
def test_a_low_risk_asks_for_nothing(risk: Risk | None) -> None:
    assert list(missing(risk, load(FILES.get))) == []


def test_a_medium_risk_asks_for_an_approval() -> None:
    bare = load(FILES.get)
    (found,) = missing(Risk.MEDIUM, bare)
    said = "the risk is medium: somebody has to approve a version (needed: 1)"
    assert str(found) == f"gates.yaml: approvals.needed: {said}"


def test_a_high_risk_asks_for_all_of_it() -> None:
    assert before([str(it) for it in missing(Risk.HIGH, load(FILES.get))]) == [
        "gates.yaml: approvals.needed",
        "gates.yaml: approvals.by",
        "pennon.yaml: models.churn.promotion",
        "gates.yaml: gates",
        "principles.yaml: principles",
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "at"),
    [
        ("gates", "by: [vera]", "by: []", "gates.yaml: approvals.by"),
        ("pennon", "manual", "automatic", "pennon.yaml: models.churn.promotion"),
        ("gates", ", slice: country", "", "gates.yaml: gates"),
        ("principles", "id: a,", "id: a, models: [other],", "principles.yaml: principles"),
    ],
)
def test_each_thing_that_a_high_risk_asks_for_is_missed(
    file: str, old: str, new: str, at: str
) -> None:
    text = WHOLE[f"{file}.yaml"]
    assert old in text
    assert before(asked(Risk.HIGH, **{file: text.replace(old, new)})) == [at]
