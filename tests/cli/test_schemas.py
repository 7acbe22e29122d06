"""What `--json` prints: one JSON Schema per command, which its output keeps. `--regold` writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import msgspec
import pytest
from click.testing import CliRunner

from pennon.cli import cli
from pennon.flows.audit import Audited
from pennon.flows.checkout import CheckedOut
from pennon.flows.differences import Compared
from pennon.flows.dossier import Dossier
from pennon.flows.events import EventRow
from pennon.flows.handover import ReviewFile, VerdictFile
from pennon.flows.show import Described, VersionRow
from pennon.flows.verify import Check
from pennon.registry.audit import Alarm
from pennon.registry.summary import Summary
from worlds import Ledger, new_clone

SCHEMAS: dict[str, tuple[Any, list[str]]] = {
    "show": (list[Summary], ["show"]),
    "show-model": (list[VersionRow], ["show", "churn"]),
    "history": (list[EventRow], ["history", "churn"]),
    "describe": (Described, ["describe", "churn"]),
    "compare": (Compared, ["compare", "churn@v1.0.0", "churn#challenger"]),
    "audit": (list[Audited], ["audit", "--ledger"]),
    "audit-version": (Dossier, ["audit", "churn@v1.1.0", "--ledger"]),
    "doctor": (list[Alarm], ["doctor"]),
    "checkout": (CheckedOut, ["checkout", "churn"]),
    "verify": (list[Check], ["verify", "churn"]),
}
FILES: dict[str, Any] = {"review": ReviewFile, "verdict": VerdictFile}
"""What a review leaves in its run's folder; tests/flows/test_handover.py holds real ones to it."""
FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clone = new_clone(tmp_path_factory.mktemp("schemas"))
    ledger = Ledger(clone)
    ledger.register("v1.0.0")
    ledger.register("v1.1.0", params={"depth": 4})
    ledger.assign("v1.0.0")
    ledger.assign("v1.1.0", "challenger")
    return clone


def documented(name: str, kind: Any, request: pytest.FixtureRequest) -> Any:  # noqa: ANN401  any type
    file = FOLDER / f"{name}.json"
    schema = json.loads(json.dumps(msgspec.json.schema(kind)))
    if request.config.getoption("--regold"):
        file.write_text(json.dumps(schema, indent=1) + "\n")
    assert json.loads(file.read_text()) == schema
    return schema


@pytest.mark.parametrize("name", FILES)
def test_the_schema_of_a_file_is_documented(name: str, request: pytest.FixtureRequest) -> None:
    documented(name, FILES[name], request)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_output_keeps_the_schema_that_is_documented(
    name: str, work: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    kind, arguments = SCHEMAS[name]
    schema = documented(name, kind, request)
    monkeypatch.chdir(work)
    output = CliRunner().invoke(cli, [*arguments, "--json"]).output
    jsonschema.validate(json.loads(output[: output.rindex("\n") + 1]), schema)


def test_every_schema_is_tested() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(SCHEMAS) | set(FILES)
