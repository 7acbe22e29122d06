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
from pennon.flows.compute import Job
from pennon.flows.dora import Dora
from pennon.flows.dossier import Dossier
from pennon.flows.judgement.handover import ReviewFile, VerdictFile
from pennon.flows.profile import Profiled
from pennon.flows.repredict import Repredicted
from pennon.flows.reproduce import Reproduced
from pennon.flows.security import Page as SecurityPage
from pennon.flows.show import Described, VersionRow
from pennon.flows.upkeep.dictionary import Page
from pennon.flows.versions.differences import Compared
from pennon.flows.versions.events import EventRow
from pennon.flows.versions.verify import Check
from pennon.registry.audit import Alarm
from pennon.registry.summary import Summary
from pennon.serving.batch.record import Record
from shop import shop
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
DATA: dict[str, tuple[Any, list[str]]] = {
    "data-docs": (Page, ["data", "docs"]),
    "data-profile": (list[Profiled], ["data", "profile"]),
    "dora": (list[Dora], ["dora"]),
    "security": (SecurityPage, ["security"]),
    "compute": (list[Job], ["compute"]),
}
FILES: dict[str, Any] = {
    "review": ReviewFile,
    "verdict": VerdictFile,
    "reproduce": Reproduced,
    "score": list[Record],
    "repredict": list[Repredicted],
}
"""What only a training makes; tests/flows/test_{handover,reproduce,score,repredict}.py hold real
ones to it."""
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


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop(tmp_path_factory.mktemp("data") / "world").root


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
    keeps(documented(name, SCHEMAS[name][0], request), SCHEMAS[name][1], work, monkeypatch)


@pytest.mark.parametrize("name", DATA)
def test_what_is_said_of_data_keeps_its_schema(
    name: str, data: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    keeps(documented(name, DATA[name][0], request), DATA[name][1], data, monkeypatch)


def keeps(
    schema: object, arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    output = CliRunner().invoke(cli, [*arguments, "--json"]).output
    jsonschema.validate(json.loads(output[: output.rindex("\n") + 1]), schema)


def test_every_schema_is_tested() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {*SCHEMAS, *DATA, *FILES}
