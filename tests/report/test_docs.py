"""The page of the report explains every verdict, mark and outcome, and links to it do not break."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pennon.evaluation import Outcome
from pennon.report import Kind
from pennon.report.view import Mark
from pennon.report.words import DOCS, TITLES

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
ANCHORS = {
    re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
}
WANTED = [
    *(f"verdict-{kind.replace('_', '-')}" for kind in Kind),
    *(f"mark-{mark}" for mark in Mark),
    *(f"gate-{outcome}" for outcome in Outcome),
]


@pytest.mark.parametrize("anchor", [*WANTED, "marks"])
def test_everything_that_a_report_says_is_explained(anchor: str) -> None:
    assert anchor in ANCHORS


@pytest.mark.parametrize("kind", Kind)
def test_the_explanation_uses_the_words_of_the_heading(kind: Kind) -> None:
    icon, title = TITLES[kind]
    _, _, section = PAGE.partition(f"### Verdict: {kind.replace('_', ' ')}\n")
    assert section.strip().startswith(f"{icon} *{re.split('[;]', title)[0]}*")


def test_the_link_below_the_table_leads_to_the_page() -> None:
    assert DOCS.endswith("/docs/report.md")


def test_links_inside_the_page_have_a_target() -> None:
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= ANCHORS
