"""docs/actions.md says of each action and workflow what its YAML says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SECTIONS = dict(
    re.findall(
        r"^## (\w+)\n(.*?)(?=^## |\Z)",
        (ROOT / "docs" / "actions.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
)
VERBS = sorted(path.parent.name for path in (ROOT / "actions").glob("*/action.yml"))


def load(path: Path) -> dict[str, Any]:
    """YAML 1.1 reads the key `on` as true. Empty without a file: setup has no workflow."""
    text = path.read_text() if path.exists() else ""
    return yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE)) or {}


def rows(section: str) -> dict[str, str]:
    """First cell, without its backticks -> second cell."""
    return dict(re.findall(r"^\| `([^`]+)` \| ([^|]+?) \|", section, re.MULTILINE))


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_has_every_input_and_where_it_can_be_given(verb: str) -> None:
    called = load(ROOT / ".github" / "workflows" / f"{verb}.yml").get("on", {}).get("workflow_call")
    inputs = {
        "action": load(ROOT / "actions" / verb / "action.yml").get("inputs", {}),
        "workflow": (called or {}).get("inputs", {}),
    }
    names = {name for found in inputs.values() for name in found}
    expected = {
        name: ", ".join(place for place, found in inputs.items() if name in found) for name in names
    }
    assert {k: v for k, v in rows(SECTIONS[verb]).items() if ": " not in k} == expected


@pytest.mark.parametrize("verb", VERBS)
def test_the_page_has_every_permission_with_its_reason(verb: str) -> None:
    file = ROOT / ".github" / "workflows" / f"{verb}.yml"
    text = file.read_text() if file.exists() else ""
    granted = dict(re.findall(r"^ {6}([a-z-]+: (?:read|write)) # (.+)$", text, re.MULTILINE))
    assert {k: v for k, v in rows(SECTIONS[verb]).items() if ": " in k} == granted
