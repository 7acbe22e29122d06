"""docs/configuration.md lists the keys that are read: all of them, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from pennon.config import (
    BaseModel,
    Compute,
    Costs,
    EngineRule,
    Environment,
    Model,
    Naming,
    Project,
    Record,
    Registry,
    Requires,
    Rollout,
    Slice,
    Watch,
    load,
)
from pennon.config.intake import Role, UseCase
from pennon.config.parse import read
from pennon.config.rollout import Goal, Guards, Step

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
SECTIONS = {
    "The whole file": Project,
    "A model": Model,
    "A slice": Slice,
    "costs": Costs,
    "engine": EngineRule,
    "base_model": BaseModel,
    "compute": Compute,
    "An environment": Environment,
    "requires": Requires,
    "health": Watch,
    "naming": Naming,
    "registry": Registry,
    "A rollout": Rollout,
    "A step": Step,
    "Guards": Guards,
    "A goal": Goal,
    "The answers": UseCase,
    "A role": Role,
}


@pytest.mark.parametrize(("title", "kind"), SECTIONS.items())
def test_the_page_lists_the_keys_in_their_order(title: str, kind: type[Record]) -> None:
    section = PAGE.split(f"### {title}\n")[1].split("\n### ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", section, re.MULTILINE)
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    assert sorted(name for name, _ in rows) == sorted(fields)
    needed = {name for name, default in rows if default.startswith("needed")}
    assert needed == {name for name, field in fields.items() if field.required}


def test_the_example_is_read() -> None:
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    assert read(text, Project, "pennon.yaml").stage("prod") == "champion"
    dataset = "source: x\nkey: [a]\ncontract: {columns: {a: {type: string}, late: {type: integer}}}"
    files = {"pennon.yaml": text, "data/flights.yaml": dataset}
    assert load(files.get).project.naming.models
