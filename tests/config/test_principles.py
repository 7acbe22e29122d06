"""principles.yaml: what is read, and what docs/principles.md says of it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from pennon.config import Principle, Principles, Record, Statement, load
from pennon.config.parse import read
from pennon.errors import ConfigError

PAGE = (Path(__file__).parents[2] / "docs" / "principles.md").read_text()
EXAMPLE = PAGE.split("```yaml\n")[1].split("```")[0]


@pytest.mark.parametrize(
    ("title", "kind"), [("A principle", Principle), ("A statement", Statement)]
)
def test_the_page_lists_the_keys(title: str, kind: type[Record]) -> None:
    section = PAGE.split(f"### {title}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", section, re.MULTILINE)
    fields = msgspec.structs.fields(kind)
    assert [name for name, _ in rows] == [field.name for field in fields]
    needed = [name for name, default in rows if default == "needed"]
    assert needed == [field.name for field in fields if field.required]


def test_the_example_is_read() -> None:
    fairness, features, oversight = read(EXAMPLE, Principles, "principles.yaml").principles
    assert (fairness.models, fairness.gates) == (("delay",), ("equal-selection",))
    assert features.tests == ("tests/contract/test_requests.py",)
    assert oversight.statement is not None
    assert oversight.statement.until == date(2027, 11, 1)


def test_a_principle_is_about_its_models_or_about_all() -> None:
    found = read(EXAMPLE, Principles, "principles.yaml")
    assert [it.id for it in found.of("minutes")] == ["same-features", "human-oversight"]


def test_without_the_file_nothing_is_asked() -> None:
    project = (
        "kit: 1\nmodels: {m: {task: regression, dataset: d, target: y, metric: r2, command: [x]}}"
    )
    dataset = "source: x\nkey: [y]\ncontract: {columns: {y: {type: number}}}"
    found = load({"pennon.yaml": project, "data/d.yaml": dataset}.get)
    assert found.principles.of("m") == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title: A person", "titel: A person", "principles[2].titel: unknown key (known: id, "),
        ("    role: business", "    rule: business", "principles[2].statement.role: required, but"),
        ("on: 2026-11-01", "on: soon", "principles[2].statement.on: invalid RFC3339 encoded date"),
        ("id: fairness", "id: Fair Ness", "principles[0].id: expected `str` matching regex"),
        ("by: Ada Lovelace", "by: ''", "principles[2].statement.by: expected `str` of length >= 1"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_key(old: str, new: str, words: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(ConfigError, match=re.escape(f"principles.yaml: {words}")):
        read(EXAMPLE.replace(old, new), Principles, "principles.yaml")
