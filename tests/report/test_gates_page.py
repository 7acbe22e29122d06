"""The page for validators says what the code does: its file, its rules, its verdicts, its table."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from pennon.config import Against, Approvals, Gate, Gates, Unsure
from pennon.evaluation import QUALITIES, VerdictOutcome
from pennon.evaluation.compare import FEWEST_ROWS, MOST_VALUES
from pennon.evaluation.words import rule_of
from pennon.flows.new import bake
from pennon.report import Kind
from pennon.report.words import TITLES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gates.md").read_text(encoding="utf-8")
EXAMPLE, *SNIPPETS, AGREED = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEADINGS = {
    VerdictOutcome.PASS: Kind.BETTER,
    VerdictOutcome.FIRST: Kind.FIRST,
    VerdictOutcome.FAIL: Kind.WORSE,
    VerdictOutcome.NO_DIFFERENCE: Kind.NO_DIFFERENCE,
    VerdictOutcome.UNSURE: Kind.UNSURE,
    VerdictOutcome.WORN: Kind.WORN,
}


def gates(snippet: str) -> list[Gate]:
    return msgspec.convert(yaml.safe_load(snippet), list[Gate])


def section(title: str) -> str:
    return re.split(r"^##+ ", PAGE.partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_example_is_the_file_of_a_new_repository(tmp_path: Path) -> None:
    assert (bake(tmp_path / "flights", {}) / "gates.yaml").read_text() == EXAMPLE
    found = msgspec.convert(yaml.safe_load(EXAMPLE), Gates)
    assert "gate *useful*" in PAGE
    assert found.gates[0].id == "useful"


@pytest.mark.parametrize("rule", ["min", "max", "superior", "not_worse"])
def test_each_rule_has_a_section_with_a_gate_that_uses_it(rule: str) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", section(rule), re.DOTALL)
    (gate,) = gates(snippet)
    assert getattr(gate, rule) is not None


def test_every_snippet_is_a_gate() -> None:
    assert [len(gates(snippet)) for snippet in SNIPPETS] == [1] * 9


@pytest.mark.parametrize("name", QUALITIES)
def test_each_quality_that_a_gate_can_ask_for_is_listed(name: str) -> None:
    listed = section("Fairness") + section("Footprint")
    assert f"`{name}`" in listed or f"`{name.replace('_ratio', '_gap')}`" in listed


def test_the_approvals_are_a_part_of_the_file() -> None:
    assert msgspec.convert(yaml.safe_load(AGREED), Gates).approvals.needed == 1
    told = re.findall(r"^\| `(\w+)` \|", section("Approvals"), re.MULTILINE)
    assert told == [field.name for field in msgspec.structs.fields(Approvals)]


@pytest.mark.parametrize("rule", ["min", "max"])
def test_a_rule_is_shown_as_the_report_says_it(rule: str) -> None:
    text = section(rule)
    (gate,) = gates(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0])
    assert f"`{rule_of(gate, None)}`" in text


@pytest.mark.parametrize("name", [*Gate.__struct_fields__, *Gates.__struct_fields__])
def test_each_key_of_the_file_is_explained(name: str) -> None:
    assert re.search(rf"^\|[^|]*`{name}`[^|]*\|", section("The file"), re.MULTILINE)


@pytest.mark.parametrize("word", [Against.CHAMPION, Against.BASELINE, "v1.2.0", *Unsure])
def test_each_answer_to_a_key_is_explained(word: str) -> None:
    assert re.search(rf"`(\w+: )?{word}`", PAGE)


@pytest.mark.parametrize("outcome", VerdictOutcome)
def test_each_verdict_is_explained_with_its_heading(outcome: VerdictOutcome) -> None:
    icon, title = TITLES[HEADINGS[outcome]]
    promoted = "yes" if outcome in (VerdictOutcome.PASS, VerdictOutcome.FIRST) else "no"
    row = rf"^\| `{outcome}` \| {icon} {title.partition(';')[0]} \| .* \| {promoted} \|$"
    assert re.search(row, PAGE, re.MULTILINE)


def test_the_defaults_and_limits_are_those_of_the_code() -> None:
    gate = Gate(id="a", metric="roc_auc")
    assert (gate.unsure, gate.min_rows) == (Unsure.BLOCK, 100)
    assert "(100, if not given)" in PAGE
    assert f"{FEWEST_ROWS} rows" in section("With a slice")
    assert f"the {MOST_VALUES} commonest values" in section("With a slice")


def test_the_table_is_one_of_a_real_report() -> None:
    golden = (ROOT / "tests" / "report" / "golden" / "worse-slice.md").read_text(encoding="utf-8")
    rows = [line for line in section("Reading the table").splitlines() if line.startswith("| ")]
    assert len(rows) == 3
    assert [row for row in rows if row not in golden.splitlines()] == []
