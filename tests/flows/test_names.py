"""Names from pennon.yaml: another word for a stage, and rules for branches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pennon.errors import ConfigError
from pennon.flows.assignment.assign import Ask
from pennon.flows.check import check
from pennon.flows.promote import promote
from pennon.flows.rollback import rollback
from pennon.flows.world import World
from pennon.registry import Reference
from shop import MODEL, shop, world
from worlds import Ledger


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> World:
    """`try` and `prod` are aliases; two versions are registered, both were champion."""
    found = shop(tmp_path_factory.mktemp("names"))
    project = found.root / "pennon.yaml"
    models = project.read_text().partition("environments:")[0]  # their files are nowhere
    project.write_text(
        f"{models}aliases: {{try: challenger, prod: champion}}\n"
        "naming: {branches: '(experiment|retrain)/.+'}\n"
    )
    ledger = Ledger(found.root, MODEL)
    for version in ("v1.0.0", "v1.1.0"):
        ledger.register(version)
        ledger.assign(version)
    return found


def test_an_alias_is_written_as_the_stage(here: World) -> None:
    done = promote(here, Ask(model=MODEL, stage="try", version="v1.1.0"))
    assert (done.stage, done.tag) == ("challenger", f"{MODEL}#challenger#3")


def test_an_alias_is_rolled_back_as_the_stage(here: World) -> None:
    done = rollback(here, Ask(model=MODEL, stage="prod", reason="wrong"), dry_run=True)
    assert (done.stage, done.version) == ("champion", "v1.0.0")


def test_an_alias_is_read_as_the_stage(here: World) -> None:
    assert here.reference(f"{MODEL}#prod") == Reference(MODEL, stage="champion")
    assert here.reference(f"{MODEL}@v1.0.0") == Reference(MODEL, version="v1.0.0")


@pytest.mark.parametrize(
    ("branch", "fork", "sound"),
    [("experiment/deeper", False, True), ("mine", False, False), ("mine", True, True)],
)
def test_check_knows_the_rules_for_branches(
    here: World, tmp_path: Path, branch: str, *, fork: bool, sound: bool
) -> None:
    event = tmp_path / "event.json"
    head = {"ref": branch, "repo": {"full_name": "other/churn" if fork else "acme/churn"}}
    base = {"ref": "main", "repo": {"full_name": "acme/churn"}}
    pull = {"number": 1, "head": head, "base": base}
    event.write_text(json.dumps({"pull_request": pull}))
    there = world(here.root, GITHUB_EVENT_PATH=str(event))
    if sound:
        check(there)
    else:
        with pytest.raises(ConfigError, match="the branch 'mine' does not match"):
            check(there)
